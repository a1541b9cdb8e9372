import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import type { DriftReport } from "../../src/contracts/drift-report.ts";
import { reportsFromRecord } from "../../src/drift/from-record.ts";
import { readSubject } from "../../src/drift/subjects.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { registerModel } from "../../src/models/registry.ts";
import { insertRows, type NewDecision, type NewRow } from "../../src/scorer/record.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import { createMadeUp } from "../support/made-up.ts";
import { cloneDatabase, type TestDatabase } from "../support/test-database.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2025, 0, 1);
const day = (number: number) => START + number * DAY_MS;

let server: TestDatabase;
let database: pg.Pool;
let modelId: number;

beforeAll(async () => {
  server = await cloneDatabase(inject("templateUrl"));
  database = new pg.Pool({ connectionString: server.url, max: 2 });
  modelId = await registerModel(database, await readBundle(join(ROOT, "models/lendingclub")));
  const other = await database.query<{ id: number }>(
    `insert into public.models (name, version, sha256, bundle_sha256, manifest, reference)
     select 'another', version, sha256, bundle_sha256, manifest, reference from public.models returning id`,
  );
  const applications = createMadeUp(41).usual(400, day(0), day(4));
  const decisions = applications.map((application, index): NewDecision => {
    const submittedAt = Date.parse(application.submitted_at);
    return {
      kind: "decision",
      modelId,
      reasonMethod: null,
      application,
      event: JSON.stringify(application),
      decision: {
        applicationId: application.application_id,
        channel: "web",
        submittedAt,
        receivedAt: submittedAt + 1,
        scoredAt: submittedAt + 2,
        model: { name: "lendingclub", version: "1", sha256: "ab" },
        policyVersion: "1",
        score: 0.1,
        riskBand: "low",
        decision: "approve",
        reasons: [],
        sequence: index + 1,
        supersedes: undefined,
      },
    };
  });
  const typeErrors = Array.from({ length: 5 }, (_, index): NewRow => {
    const typeError = { feature: "dti", submittedAt: day(1) + index };
    return {
      kind: "dead_letter",
      sequence: 1_000 + index,
      receivedAt: day(2),
      rejection: { reason: "schema_violation", error: "no", typeError },
      channel: "web",
      modelId: index === 0 ? modelId : other.rows[0]!.id,
    };
  });
  // Dated far ahead of its receipt: counted in the pane of the receipt, and in no window.
  const ahead = { ...decisions[0]!, application: { ...applications[0]!, application_id: "AHEAD" } };
  const aheadDecision = { ...ahead.decision, applicationId: "AHEAD", sequence: 2_000, submittedAt: day(900) };
  await insertRows(database, [
    ...decisions,
    ...typeErrors,
    { ...ahead, decision: { ...aheadDecision, receivedAt: day(1) + 5 } },
  ]);
});
afterAll(async () => {
  await database.end();
  await server.drop();
});

async function report(period: { from?: number; to?: number }) {
  const subject = await readSubject(database, modelId);
  const { signal } = new AbortController();
  const options = { subject, grid: timeGrid(START, DAY_MS), minSamples: 50, latenessMs: 1_000, finish: false, signal };
  return (await reportsFromRecord(database, { ...options, ...period })).filter(({ channel }) => channel === "*");
}

test("a period's windows are those of the whole record: closed by what came after it, with all that lies in their panes", async () => {
  const whole = await report({});
  expect(whole.map(({ applications }) => applications)).toEqual([100, 100, 100]);
  expect(whole[1]!.dated_ahead).toBe(1);
  expect(await report({ from: day(0), to: day(1) })).toEqual(whole.slice(0, 1));
  const [second] = await report({ from: day(1), to: day(2) });
  // Verdicts need windows before, which the period leaves out.
  const counted = ({ window, applications, dated_ahead, decisions, quality, features }: DriftReport) => {
    const counts = features.map(({ name, n, counts }) => ({ name, n, counts }));
    return { window, applications, dated_ahead, decisions, quality, counts };
  };
  expect(counted(second!)).toEqual(counted(whole[1]!));
});

test("type errors are those of the model's own manifest", async () => {
  const [, second] = await report({});
  const check = second!.quality.find(({ feature, check }) => feature === "dti" && check === "type_error");
  expect(check!.rate).toBeCloseTo(1 / 101, 12);
});

test("a registered reference profile can't be changed, only added where there is none", async () => {
  const set = (reference: string) =>
    database.query("update public.models set reference = $1 where id = $2", [reference, modelId]);
  await expect(set('{"n": 1}')).rejects.toThrow("the reference profile of a registered model can't be changed");
  await database.query(
    `insert into public.models (name, version, sha256, bundle_sha256, manifest) values ('old', '1', 'a', 'b', '{}')`,
  );
  const { rowCount } = await database.query(`update public.models set reference = '{"n": 2}' where name = 'old'`);
  expect(rowCount).toBe(1);
});
