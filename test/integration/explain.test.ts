import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { explain, readScore, type ScoreRow } from "../../src/models/explain.ts";
import { makeApplication } from "../support/applications.ts";
import { writeBrittleBundle } from "../support/brittle-bundle.ts";
import { drained } from "../support/drain.ts";
import { runCommand } from "../support/ingest-command.ts";
import { outgoing } from "../support/load.ts";
import { publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

/** Applications of every kind that the encoder knows, numbers with all their digits among them. */
function applications() {
  const random = randomFrom(7);
  const plain = Array.from({ length: 60 }, (_, index) => makeApplication(`A-${index}`, random));
  const odd = [
    { purpose: "yacht", dti: 1e9, annual_income: null },
    { dti: 0.1 + 0.2, revolving_utilization: 1 / 3, annual_income: 1e-300 },
    { loan_amount: 9_999_999.999999998, inquiries_6m: 1e-7, nickname: "Ö\u0001" },
  ];
  return [
    ...plain,
    ...odd.map((features, index) => {
      const application = makeApplication(`B-${index}`, random);
      return { ...application, features: { ...application.features, ...features } };
    }),
  ];
}

async function scoredBed(): Promise<{ bed: TestBed; rows: ScoreRow[] }> {
  const bed = await createTestBed();
  await bed.createStreams();
  const made = applications();
  await publishAll(
    bed.js,
    made.map((application) => outgoing("web", JSON.stringify(application))),
  );
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  const rows = await Promise.all(made.map(({ application_id: id }) => readScore(bed.database, id)));
  return { bed, rows: rows.filter((row) => row !== undefined) };
}

test("every decision can be derived again from what is stored, to the last bit", async () => {
  const { bed, rows } = await scoredBed();
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  expect(rows).toHaveLength(63);
  const byDecision = Object.groupBy(rows, ({ decision }) => decision);
  expect(Object.keys(byDecision).sort()).toEqual(["approve", "decline", "refer"]);
  for (const row of rows) {
    const explanation = await explain(bed.database, row, bundle);
    expect(explanation).toMatchObject({ equal: true, derived: { score: row.score, decision: row.decision } });
    expect(row.reasons.length > 0).toBe(row.decision === "decline");
  }
  const odd = await explain(bed.database, rows.find(({ application_id }) => application_id === "B-0")!, bundle);
  const used = Object.fromEntries(odd.contributions.map((one) => [one.feature, one.used]));
  expect(used).toMatchObject({
    ...{ purpose: "unseen", dti: "out_of_range", annual_income: "missing", bankruptcies: "missing" },
    ...{ term_months: "as_sent" },
  });

  const declined = byDecision.decline![0]!;
  const tampered: [what: string, change: Partial<ScoreRow>][] = [
    ["score", { score: declined.score + Number.EPSILON }],
    ["decision", { decision: "refer" }],
    ["risk band", { risk_band: "low" }],
    ["reasons", { reasons: declined.reasons.slice(1) }],
    ["contribution", { reasons: declined.reasons.map((one) => ({ ...one, contribution: one.contribution / 2 })) }],
    ["features", { features: { ...declined.features, annual_income: 1 } }],
  ];
  for (const [what, change] of tampered) {
    const { equal } = await explain(bed.database, { ...declined, ...change }, bundle);
    expect(equal, `another ${what}`).toBe(false);
  }
});

test("the command says whether a decision is what its input and model give, and exits 1 when it isn't", async () => {
  const { bed, rows } = await scoredBed();
  const { application_id: id, reasons } = rows.find(({ decision }) => decision === "decline")!;
  const explainCommand = (...args: string[]) => runCommand(["explain", ...args], bed.environment);

  const told = await explainCommand(id);
  expect(told).toMatchObject({ code: 0, stderr: "" });
  expect(told.stdout).toContain(`${id}: decline, probability of default 0.`);
  expect(told.stdout).toContain(`reason 1: ${reasons[0]!.code} ${reasons[0]!.text}`);
  expect(told.stdout).toMatch(/derived again from the stored input: equal\n$/);

  await bed.database.query("update plumbline.applications set score = score - 1e-9 where application_id = $1", [id]);
  const caught = await explainCommand(id);
  expect(caught.code).toBe(1);
  expect(caught.stdout).toMatch(/NOT EQUAL \(decline, 0\.\d+\)\n$/);
  const asJson = await explainCommand(id, "--json");
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ equal: false, stored: { application_id: id } });

  const unknown = await explainCommand("nobody");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toMatch(/^plumbline: no decision is stored for nobody\. .*\n$/);

  await writeBrittleBundle(`${bed.home}/other`);
  const other = await runCommand(["explain", id], { ...bed.environment, SCORER_BUNDLE: `${bed.home}/other` });
  expect(other.code).toBe(1);
  expect(other.stderr).toMatch(
    /^plumbline: .* was decided by lendingclub version 1 \(SHA-256 dd94adf[0-9a-f]{57}\); .* \(SHA-256 [0-9a-f]{64}\)\. Set SCORER_BUNDLE/,
  );
});
