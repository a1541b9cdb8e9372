import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { classificationPerformance } from "../../src/statistics/classification-performance.ts";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { outgoing } from "../support/load.ts";
import { publishAll } from "../support/publish.ts";
import { createTestBed } from "../support/test-bed.ts";

/** Test data that the repository doesn't ship lie beside it. */
const SHARED = join(ROOT, "../shared");

type Window = {
  readonly submitted_from: string;
  readonly submitted_before: string;
  readonly n: number;
  readonly defaults: number;
  readonly auc: number;
  readonly ks: number;
  readonly brier: number;
  readonly approve: number;
  readonly decline: number;
};

function readLines(file: string): string[] {
  return gunzipSync(readFileSync(join(SHARED, "data", file)))
    .toString()
    .trimEnd()
    .split("\n");
}

test("42,535 real applications: one decision each, and scikit-learn's figures from `scores` and the outcomes", async ({
  skip,
}) => {
  skip(!existsSync(SHARED), `${SHARED} isn't there: it holds the loan book`);
  const bed = await createTestBed();
  await bed.createStreams();
  for (const _ of [1, 2]) bed.startScorer();
  const lines = readLines("lendingclub-applications.jsonl.gz");
  const published = await publishAll(
    bed.js,
    lines.map((line) => outgoing("web", line)),
  );
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, published)).toEqual({
    violations: [],
    decisions: 42_535,
    repetitions: 0,
    deadLetters: 0,
  });

  const outcomes = readOutcomes();
  const golden = JSON.parse(readFileSync(join(SHARED, "golden/model-performance.json"), "utf8")) as {
    windows: Window[];
  };
  for (const window of golden.windows) {
    const { rows } = await bed.database.query<{ id: string; score: number; decision: string }>(
      `select application_id as id, score, decision from scores
       where submitted_at >= $1::timestamptz and submitted_at < $2::timestamptz`,
      [`${window.submitted_from}-01T00:00:00Z`, `${window.submitted_before}-01T00:00:00Z`],
    );
    const known = rows.filter(({ id }) => outcomes.has(id));
    const found = classificationPerformance(
      known.map(({ score }) => score),
      known.map(({ id }) => outcomes.get(id)!),
      0.25,
    );
    const decided = (decision: string) => known.filter((row) => row.decision === decision).length;
    expect(found).toMatchObject({ n: window.n, defaults: window.defaults });
    expect({ approve: decided("approve"), decline: decided("decline") }).toEqual({
      approve: window.approve,
      decline: window.decline,
    });
    for (const figure of ["auc", "ks", "brier"] as const) {
      expect(Math.abs(found[figure]! - window[figure]), `${figure} from ${window.submitted_from}`).toBeLessThan(1e-6);
    }
  }
});

/** By application, whether it defaulted; a later observation corrects an earlier one. */
function readOutcomes(): Map<string, boolean> {
  const outcomes = readLines("lendingclub-outcomes.jsonl.gz").map(
    (line) => JSON.parse(line) as { application_id: string; observed_at: string; defaulted: boolean },
  );
  outcomes.sort((a, b) => (a.observed_at < b.observed_at ? -1 : 1));
  return new Map(outcomes.map(({ application_id, defaulted }) => [application_id, defaulted]));
}
