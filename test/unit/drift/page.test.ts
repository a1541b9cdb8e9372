import { describe, expect, it } from "vitest";
import type { DriftReport } from "../../../src/contracts/drift-report.ts";
import { renderPage } from "../../../src/drift/page/page.ts";
import { judgeDays, shippedSubject } from "../../support/drift-reports.ts";

const subject = shippedSubject();
const { reference } = subject;
const MADE_AT = new Date("2026-01-07T08:30:00Z");

const QUIET = { applications: 2000 };
const LONGER_LOANS = { applications: 2000, shares: { term_months: [0.5, 0.5] }, missing: { annual_income: 0.4 } };
const FEW = { applications: 120 };

const moved = judgeDays(subject, [QUIET, QUIET, LONGER_LOANS, LONGER_LOANS]);
const page = renderPage(moved, reference, MADE_AT);

/** The text of a part of a page, from an opening to a closing tag. */
function textBetween(html: string, from: string, to: string): string {
  const start = html.indexOf(from);
  expect(start, `${from} in the page`).toBeGreaterThan(-1);
  const inner = html.slice(start, html.indexOf(to, start));
  return inner
    .replace(/<[^>]*>/g, " ")
    .replaceAll("\u00a0", " ")
    .replaceAll("&#39;", "'")
    .replace(/\s+/g, " ");
}

const section = (html: string, id: string) => textBetween(html, `aria-labelledby="${id}"`, "</section>");

describe("the page of a model that drifted", () => {
  it("says in words what moved, since when, how much, whether it matters and what to do", () => {
    const verdict = section(page, "verdict");
    expect(verdict).toContain("2 of 18 features (13.4 % of the model's importance) drifted since 3 Jan 2026.");
    expect(verdict).toMatch(/What moved\? annual_income and term_months\./);
    expect(verdict).toMatch(/Since when\? 3 Jan 2026: annual_income and term_months/);
    expect(verdict).toContain("annual_income is missing in 40.0 % of applications, 0.0 % in the reference");
    expect(verdict).toMatch(
      /Does it matter\? Probably: features of weight are in critical drift: annual_income \(10.2 %\)/,
    );
    expect(verdict).toContain("Ask upstream why annual_income is not sent");
  });

  it("lists each finding with its next step", () => {
    const findings = section(page, "findings");
    for (const { next_step, effect } of moved.at(-1)!.findings) {
      expect(findings).toContain(next_step);
      expect(findings).toContain(effect);
    }
  });

  it("says who acts on each finding", () => {
    const verdict = section(page, "verdict");
    expect(verdict).toContain(
      "Data engineering of the channel annual_income: Ask upstream why annual_income is not sent",
    );
    expect(verdict).toMatch(/Model risk term_months: Find out which it is/);
    const findings = section(page, "findings");
    expect(findings.match(/Who acts/g)).toHaveLength(moved.at(-1)!.findings.length);
  });

  it("explains what since and the effects mean, once", () => {
    expect(page.match(/overlap and don&#39;t add up|overlap and don't add up/g)).toHaveLength(1);
    expect(section(page, "findings")).toContain("the verdict of drift needs a second one");
    expect(section(page, "windows")).toContain(
      "3 Jan 2026 ✓ No warning 0.00 2,000 none; beyond the limits, not yet persistent: annual_income, term_months 1",
    );
  });

  it("names the channels in the findings that the table of channels names", () => {
    const web = judgeDays(subject, [QUIET, QUIET, LONGER_LOANS, LONGER_LOANS], "web");
    const partner = judgeDays(subject, [QUIET, QUIET, QUIET, QUIET], "partner");
    const both = renderPage([...moved, ...web, ...partner], reference, MADE_AT);
    expect(section(both, "channels")).toMatch(
      /partner ✓ No warning 0\.00 2,000 none .* web ▲ Warning .* annual_income, term_months/,
    );
    const findings = section(both, "findings");
    expect(findings.match(/Channels drifted by itself on web; not by itself on partner/g)).toHaveLength(2);
    expect(findings).toContain("Who acts Data engineering of web");
  });

  it("explains its two measures before anything is said in them", () => {
    const verdict = section(page, "verdict");
    expect(verdict).toContain("Importance is how much of the model's predictions a feature accounts for");
    expect(verdict).toContain("PSI , the population stability index, is how far");
    expect(verdict.indexOf("population stability index")).toBeLessThan(verdict.indexOf("What moved?"));
  });

  it("says what limits the scores and the approval rate are judged by", () => {
    const scores = section(page, "scores");
    expect(scores).toContain("drifted from a PSI of 0.1, critical from 0.25");
    expect(scores).toContain("a change of 5 percentage points, critical from 25");
  });

  it("gives effects in percentage points of the probability of default", () => {
    const { findings } = moved.at(-1)!;
    for (const { feature, effect } of findings.filter(({ feature }) => feature !== null)) {
      expect(effect, feature!).toMatch(
        /mean probability of default (hardly moves with it|\d+\.\d\d percentage points (higher|lower))\.$/,
      );
    }
    expect(section(page, "findings")).toMatch(/percentage points/);
  });

  it("doesn't say that applicants changed where a product or a process may have", () => {
    const findings = section(page, "findings");
    expect(findings).toContain("other applicants, or a changed product or process");
    expect(findings).not.toContain("applicants themselves");
  });

  it("puts what drifted first, by importance × PSI of the values or of the missing ones", () => {
    const newest = moved.at(-1)!;
    const features = newest.features.map((feature, index) => ({ ...feature, psi: 0.01 * (1 + (index % 7)) }));
    const html = renderPage([{ ...newest, features }], reference, MADE_AT);
    const table = html.slice(html.indexOf('id="features"'), html.indexOf('id="scores"'));
    const order = [...table.matchAll(/<th scope="row"[^>]*><a href="#feature-(\w+)"/g)].map(([, name]) => name!);
    const weights = order.map((name) => {
      const { importance, psi } = features.find((feature) => feature.name === name)!;
      return importance * psi;
    });
    expect(order).toHaveLength(features.length);
    expect(order.slice(0, 2)).toEqual(["annual_income", "term_months"]);
    expect(weights.slice(2)).toEqual(weights.slice(2).sort((a, b) => b - a));
    expect(weights[1]).toBeLessThan(weights[2]!);
  });

  it("sets the shares of the window beside those of the reference", () => {
    const terms = textBetween(page, 'id="feature-term_months"', "</table>");
    expect(terms).toContain("36 95.2 % 50.0 % −45.2");
    expect(terms).toContain("60 4.8 % 50.0 % +45.2");
  });

  it("puts failed quality checks first", () => {
    const broken = judgeDays(subject, [{ applications: 2000, typeErrors: { dti: 0.3 }, missing: { purpose: 0.2 } }]);
    const quality = section(renderPage(broken, reference, MADE_AT), "quality");
    expect(quality).toContain("◆ 2 of 54 checks fail");
    expect(quality.indexOf("dti Wrong type ◆ Fail")).toBeLessThan(quality.indexOf("purpose Missing ◆ Fail"));
    expect(quality.indexOf("purpose Missing ◆ Fail")).toBeLessThan(quality.indexOf("✓ Pass"));
  });

  it("tells what exceeds in this window alone from drift", () => {
    const first = renderPage(moved.slice(0, 3), reference, MADE_AT);
    expect(section(first, "verdict")).toContain(
      "No verdict of drift, but 2 of 18 features moved in this window, not yet for long enough",
    );
    expect(section(first, "verdict")).toContain(
      "In this window alone, not yet for long enough to count: annual_income and term_months",
    );
    expect(section(first, "features")).toContain("annual_income ◔ Exceeds, not yet persistent");
  });
});

describe("windows without a verdict", () => {
  it("are shown as such, never as no drift", () => {
    const windows = section(renderPage(judgeDays(subject, [QUIET, FEW]), reference, MADE_AT), "windows");
    expect(windows).toContain("2 Jan 2026 ○ Too few applications – 120 ▾ 6.0 % of the usual – 1");
    expect(windows).toContain("1 Jan 2026 ✓ No warning 0.00 2,000 none 1");
  });

  it("leave the verdict to the last window that has one, which the page says", () => {
    const verdict = section(renderPage([...moved, ...fewAfter(moved)], reference, MADE_AT), "verdict");
    expect(verdict).toContain("4 Jan 2026 · 2,000 applications");
    expect(verdict).toContain("5 Jan 2026 held 120 applications: too few for a verdict");
  });

  it("alone make a page that says that nothing is known", () => {
    for (const reports of [[], judgeDays(subject, [FEW, FEW]), judgeDays(subject, [{ ...QUIET, provisional: true }])]) {
      const empty = renderPage(reports, reference, MADE_AT);
      expect(section(empty, "verdict")).toContain("There is no verdict yet");
      expect(empty).not.toMatch(/No drift|No warning|Nothing has drifted/);
    }
  });
});

function fewAfter(reports: readonly DriftReport[]): DriftReport[] {
  return judgeDays(subject, [...reports.map(() => FEW), FEW]).slice(reports.length);
}

it("counts a feature that the reference has no value of beside the shares, as the report does", () => {
  const features = reference.features.map((one) =>
    one.name === "annual_income"
      ? { ...one, n: 0, missing: reference.n, counts: one.counts.map(() => 0), sums: one.counts.map(() => 0) }
      : one,
  ) as typeof reference.features;
  const without = { ...subject, reference: { ...reference, features } };
  const values = sharesOfFirst(reference.features.find(({ name }) => name === "annual_income")!.counts.length);
  const day = {
    ...LONGER_LOANS,
    missing: { annual_income: 0.4 },
    shares: { ...LONGER_LOANS.shares, annual_income: values },
  };
  const reports = judgeDays(without, [day, day]);
  expect(reports.at(-1)).toMatchObject({ features_tested: 17, features_drifted: 1 });
  const verdict = section(renderPage(reports, without.reference, MADE_AT), "verdict");
  expect(verdict).toContain("1 of 17 features");
  expect(verdict).toContain("Values came where the reference has none, in 1 feature outside these shares.");
});

function sharesOfFirst(bins: number): number[] {
  return Array.from({ length: bins }, () => 1 / bins);
}

describe("a window that holds few applications", () => {
  const at = (time: string, days: Parameters<typeof judgeDays>[1]) =>
    renderPage(judgeDays(subject, days), reference, new Date(time));
  const USUAL = { applications: 2204 };

  it("is called out, with what to ask", () => {
    const html = at("2026-01-07T08:30:00Z", [USUAL, USUAL, { applications: 658 }]);
    const verdict = section(html, "verdict");
    expect(verdict).toContain("3 Jan 2026 held 658 applications, 29.9 % of what is usual by the windows before it");
    expect(verdict).toContain("whether a channel has stopped sending");
    expect(verdict).toContain("closed before its last application came");
    expect(section(html, "windows")).toContain("658 ▾ 29.9 % of the usual");
  });

  it("is none that holds a little less, or is the first", () => {
    for (const days of [[USUAL, USUAL, { applications: 1150 }], [{ applications: 658 }]]) {
      expect(section(at("2026-01-07T08:30:00Z", days), "verdict")).not.toContain("usual");
    }
  });

  it("is marked when it was closed before its time", () => {
    const html = at("2026-01-03T06:00:00Z", [USUAL, USUAL, { applications: 658 }]);
    expect(section(html, "verdict")).toContain("It was closed when 25.0 % of its time had passed.");
    expect(section(html, "windows")).toContain("29.9 % of the usual, 25.0 % of its time");
  });
});

describe("which reports count", () => {
  it("shows the latest revision of a window", () => {
    const corrected = { ...moved.at(-1)!, revision: 2, applications: 2345 };
    const windows = section(renderPage([corrected, ...moved], reference, MADE_AT), "windows");
    expect(windows).toContain("2,345");
    expect(windows).toContain("2, corrected by late applications");
    expect(windows.match(/4 Jan 2026/g)).toHaveLength(1);
  });

  it("summarises channels by their own verdicts", () => {
    const partner = judgeDays(subject, [QUIET, QUIET, FEW, FEW], "partner");
    const both = renderPage([...moved, ...partner], reference, MADE_AT);
    expect(section(both, "channels")).toContain(
      "partner ✓ No warning 0.00 2,000 none 2 Jan 2026; too few applications since",
    );
    expect(section(both, "verdict")).toContain("2 of 18 features");
  });

  it("is about the channel when there is only one", () => {
    const partner = renderPage(judgeDays(subject, [QUIET, LONGER_LOANS, LONGER_LOANS], "partner"), reference, MADE_AT);
    expect(partner).toContain("channel partner");
    expect(section(partner, "verdict")).toContain("2 of 18 features");
  });

  it("leaves out windows of another bundle, which had another reference", () => {
    const old = moved.slice(0, 2).map((report) => ({ ...report, model: { ...report.model, bundle_sha256: "b" } }));
    const windows = section(renderPage([...old, ...moved.slice(2)], reference, MADE_AT), "windows");
    expect(windows).not.toContain("1 Jan 2026");
    expect(windows).toContain("3 Jan 2026");
  });

  it("manages without scores and decisions in the reference", () => {
    const bare = { ...reference, score: null, decisions: null };
    const reports = moved.map((one) => ({ ...one, score: null, approval_rate: null, reference_decisions: null }));
    expect(section(renderPage(reports, bare, MADE_AT), "scores")).toContain(
      "The reference has no scores to compare with.",
    );
  });
});

describe("the document", () => {
  const hostile = `<script>alert("1")</script>&'`;
  const twisted = JSON.parse(
    JSON.stringify(
      moved.map((report) => ({ ...report, channel: report.channel })),
      (key, value) =>
        typeof value === "string" && ["name", "what", "effect", "next_step", "feature"].includes(key) ? hostile : value,
    ),
  ) as DriftReport[];

  it("escapes whatever stands in a report or the reference", () => {
    const sources = { [hostile]: hostile };
    const other = twisted.map((report) => ({ ...report, channel: hostile }));
    const attacked = renderPage([...twisted, ...other], { ...reference, sources }, MADE_AT);
    expect(attacked).not.toMatch(/<script|"1"/);
    expect(attacked).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;");
  });

  it("needs nothing else: no script, no request", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|https?:|url\(|@import|\son[a-z]+=/);
  });

  it("closes every element that it opens", () => {
    const open: string[] = [];
    for (const [, closing, name, , selfClosed] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*?)?)(\/?)>/g)) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!selfClosed && !["meta", "br"].includes(name!)) open.push(name!);
    }
    expect(open).toEqual([]);
  });

  it("has each id once, and every link leads to one", () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g)].map(([, id]) => id!);
    expect(targets.length).toBeGreaterThan(20);
    expect(ids).toEqual(expect.arrayContaining(targets));
  });

  it("stays readable over a year of windows", () => {
    const start = (index: number) => new Date(Date.UTC(2025, 0, 1 + index)).toISOString();
    const year = Array.from({ length: 365 }, (_, index) => ({
      ...moved[index < 300 ? 0 : 3]!,
      window: { start: start(index), end: start(index + 1) },
    }));
    const long = renderPage(year, reference, MADE_AT);
    expect(long.length).toBeLessThan(1_000_000);
    expect(section(long, "windows")).toContain("335 older windows");
    expect(long.match(/<span class="point warning"/g)).toHaveLength(65);
  });

  it("has figures that can all be drawn and read", () => {
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    const drawings = page.match(/<svg/g)!.length;
    expect(page.match(/<svg[^>]*role="img"/g)).toHaveLength(drawings);
    expect(page.match(/<title/g)).toHaveLength(drawings + 1);
  });
});
