import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { criticalVerdicts, tellOfDrift } from "../../../scripts/drift-issue.ts";
import type { DriftReport, Severity } from "../../../src/contracts/drift-report.ts";

function report(day: number, channel: string, severity: Severity, more: Partial<DriftReport> = {}): DriftReport {
  const start = new Date(Date.UTC(2026, 0, day)).toISOString();
  const end = new Date(Date.UTC(2026, 0, day + 1)).toISOString();
  return {
    model: { name: "m", version: "1", bundle_sha256: "0" },
    channel,
    window: { start, end },
    revision: 1,
    status: "judged",
    provisional: false,
    applications: 900,
    dated_ahead: 0,
    reference: { applications: 1_000, period: { from: start, to: end } },
    severity,
    drift_score: 0.5,
    drifted_feature_ratio: 0.5,
    features_tested: 2,
    features_drifted: 1,
    features: [],
    score: null,
    approval_rate: null,
    decisions: { approve: 300, refer: 300, decline: 300 },
    reference_decisions: null,
    quality: [],
    findings: [],
    ...more,
  };
}

test("the newest verdict counts, per channel; windows without one and provisional ones don't", () => {
  expect(criticalVerdicts([report(1, "*", "critical"), report(2, "*", "none")])).toEqual([]);
  expect(criticalVerdicts([report(2, "*", "critical"), report(1, "*", "none")])).toHaveLength(1);
  const web = report(2, "web", "critical");
  expect(criticalVerdicts([report(2, "*", "warning"), web])).toEqual([web]);
  expect(
    criticalVerdicts([report(1, "*", "critical"), report(2, "*", "none", { status: "insufficient" })]),
  ).toHaveLength(1);
  expect(criticalVerdicts([report(1, "*", "none"), report(2, "*", "critical", { provisional: true })])).toEqual([]);
});

test("critical drift opens an issue once; later runs bring it up to date; a refusal is told", async () => {
  const issues: { number: number; title: string; body: string; labels: string[] }[] = [];
  let asked = 0;
  const github = createServer(async (request, response) => {
    asked += 1;
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const address = (number: number) => ({ html_url: `https://github.test/issues/${number}` });
    const isAllowed = request.headers.authorization === "Bearer right";
    let answer: unknown = { message: "Bad credentials" };
    if (isAllowed && request.method === "GET") answer = issues;
    if (isAllowed && request.method === "POST") {
      const issue = { number: 7, ...JSON.parse(text), ...address(7) };
      issues.push(issue);
      answer = issue;
    }
    if (isAllowed && request.method === "PATCH") answer = Object.assign(issues[0]!, JSON.parse(text));
    response.writeHead(isAllowed ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(github, "listening");
  onTestFinished(() => void github.close());
  const api = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
  const repository = { api, name: "o/r", token: "right" };

  const address = await tellOfDrift(repository, [report(1, "*", "critical")], "https://run/1");
  expect(address).toBe("https://github.test/issues/7");
  expect(issues).toMatchObject([{ title: "Drift of m 1 is critical", labels: ["drift"] }]);
  expect(issues[0]!.body).toMatch(/artefact of https:\/\/run\/1(.|\n)*m 1, all channels: CRITICAL/);
  expect(await tellOfDrift(repository, [report(2, "*", "critical")], "https://run/2")).toBe(address);
  expect(issues).toHaveLength(1);
  expect(issues[0]!.body).toContain("https://run/2");
  expect(asked).toBe(4);
  await expect(tellOfDrift({ ...repository, token: "wrong" }, [report(3, "*", "critical")], "")).rejects.toThrow(
    "GitHub refused GET /repos/o/r/issues?state=open&labels=drift&per_page=100: 401",
  );
});
