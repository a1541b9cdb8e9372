import { describe, expect, it } from "vitest";
import { renderTerminal } from "../../../src/drift/terminal-table.ts";
import { judgeDays, shippedSubject } from "../../support/drift-reports.ts";

const subject = shippedSubject();
const QUIET = { applications: 2000 };
const LONGER_LOANS = { applications: 2000, shares: { term_months: [0.5, 0.5] }, missing: { annual_income: 0.4 } };
const FEW = { applications: 120 };

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const moved = judgeDays(subject, [QUIET, QUIET, LONGER_LOANS, LONGER_LOANS]);
const text = plain(renderTerminal(moved));
const lines = text.split("\n");

describe("the terminal's table of drift", () => {
  it("begins with the verdict", () => {
    expect(lines[0]).toBe(
      "lendingclub 1, all channels: WARNING, drift score 0.13; 2 of 18 features drifted; 4 Jan 2026, 2,000",
    );
  });

  it("says what was found and what to do", () => {
    expect(text).toContain("◆ annual_income is missing in 40.0 % of applications");
    expect(text.replace(/\s+/g, " ")).toContain("→ Data engineering of the channel, annual_income: Ask upstream why");
  });

  it("has a line per feature, what drifted first, in columns that line up", () => {
    const first = lines.findIndex((line) => line.startsWith("feature "));
    const features = lines.slice(first + 1, first + 19);
    expect(features.map((line) => line.split(" ")[0]).sort()).toEqual(
      subject.layout.features.map(({ name }) => name).sort(),
    );
    expect(features.slice(0, 2).every((line) => line.includes("Critical drift"))).toBe(true);
    expect(new Set(features.map((line) => line.length)).size).toBe(1);
  });

  it("has a line per window; one with too few applications has no score", () => {
    expect(lines).toContainEqual(expect.stringMatching(/^2026-01-03\s+1 d\s+no warning\s+0\.00\s+2,000\s+0$/));
    expect(lines).toContainEqual(expect.stringMatching(/^2026-01-04\s+1 d\s+WARNING\s+0\.13\s+2,000\s+2 \w+ \w+$/));
    const few = plain(renderTerminal(judgeDays(subject, [QUIET, FEW])));
    expect(few).toMatch(/^2026-01-02\s+1 d\s+too few\s+–\s+120\s+–$/m);
    expect(few).toContain("since then too few applications for a verdict in 2 Jan 2026 (120)");
  });

  it("fits 100 columns whatever the names", () => {
    const long = JSON.parse(JSON.stringify(moved).replaceAll("annual_income", "a".repeat(64))) as typeof moved;
    for (const line of renderTerminal(long).split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("says plainly when nothing is known", () => {
    expect(renderTerminal([])).toBe("No window has closed yet, so whether anything has drifted is not known.\n");
    const few = renderTerminal(judgeDays(subject, [FEW])).replace(/\s+/g, " ");
    expect(few).toContain("whether anything drifted is not known");
    expect(renderTerminal(judgeDays(subject, [{ ...QUIET, provisional: true }]))).toContain("No window has closed yet");
  });

  it("lets no text command the terminal", () => {
    const hostile = moved.map((report) => ({
      ...report,
      findings: report.findings.map((finding) => ({ ...finding, what: "\u001b[2J\u009b2J gone" })),
    }));
    expect(renderTerminal(hostile)).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
