/**
 * Whether the shipped model still gives its golden figures (`npm run check:model`): the probabilities of 107 applications from
 * the library that trained it, and, where the loan book lies beside the repository, scikit-learn's measures of its
 * performance after training. Exit code 1 with what differs.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT } from "../src/app/environment.ts";
import { readBundle } from "../src/models/bundle.ts";
import { createEncoder } from "../src/models/encode.ts";
import { openSession } from "../src/models/session.ts";
import { classificationPerformance } from "../src/statistics/classification-performance.ts";

/** Float32 arithmetic summed in another order differs in the seventh digit. */
const TOLERANCE = 1e-6;
/** At a time: `run` blocks while it computes. */
const ROWS = 512;

type Golden = {
  readonly sha256: string;
  readonly features: readonly string[];
  readonly rows: readonly (readonly (number | null)[])[];
  readonly probabilities: readonly number[];
  readonly threshold: number;
  readonly windows: readonly Window[];
};
type Window = {
  readonly from: string;
  readonly before: string;
  readonly n: number;
  readonly defaults: number;
  readonly auc: number;
  readonly ks: number;
  readonly brier: number;
};
type Application = { application_id: string; submitted_at: string; features: Record<string, number | string | null> };
type Outcome = { application_id: string; observed_at: string; defaulted: boolean };

const [goldenFile = join(ROOT, "models/lendingclub-golden.json")] = process.argv.slice(2);
const golden = JSON.parse(readFileSync(goldenFile, "utf8")) as Golden;
const bundle = await readBundle(join(ROOT, "models/lendingclub"));
const session = await openSession(bundle.modelFile, bundle.manifest);
const { features } = bundle.manifest;
const encoder = createEncoder(features);
const faults: string[] = [];

const names = features.map(({ name }) => name);
if (bundle.manifest.onnx.sha256 !== golden.sha256)
  faults.push("model.onnx is another one: its SHA-256 isn't the golden file's");
if (names.join() !== golden.features.join())
  faults.push(`the features are ${names.join(", ")}; golden are ${golden.features.join(", ")}`);

const found = await scored(golden.rows.map((row) => row.map((value) => value ?? Number.NaN)));
for (const [row, expected] of golden.probabilities.entries())
  differing(`row ${row}: probability`, found[row], expected);
process.stdout.write(`${golden.rows.length} probabilities compared\n`);

const data = join(ROOT, "../shared/data");
if (existsSync(data) && golden.windows.length > 0) await comparePerformance();
else if (golden.windows.length > 0) {
  process.stdout.write(`${data} isn't there: performance on the loan book is not compared\n`);
}

await session.release();
for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
else process.stdout.write(`${bundle.manifest.name} ${bundle.manifest.version} gives its golden figures\n`);

function differing(what: string, value: number | undefined, expected: number): void {
  if (value === undefined || !(Math.abs(value - expected) <= TOLERANCE))
    faults.push(`${what} is ${value}; golden is ${expected}`);
}

async function scored(rows: readonly (readonly number[])[]): Promise<number[]> {
  const scores: number[] = [];
  for (let at = 0; at < rows.length; at += ROWS) {
    const batch = rows.slice(at, at + ROWS);
    scores.push(...(await session.run(Float32Array.from(batch.flat()), batch.length)));
  }
  return scores;
}

async function comparePerformance(): Promise<void> {
  const defaulted = new Map(
    readLines<Outcome>("lendingclub-outcomes.jsonl.gz")
      // A later observation corrects an earlier one.
      .sort((a, b) => (a.observed_at < b.observed_at ? -1 : 1))
      .map((outcome) => [outcome.application_id, outcome.defaulted]),
  );
  const applications = readLines<Application>("lendingclub-applications.jsonl.gz");
  for (const window of golden.windows) {
    const within = applications.filter(
      ({ application_id: id, submitted_at: at }) => at >= window.from && at < window.before && defaulted.has(id),
    );
    const scores = await scored(within.map(({ features: values }) => encoded(values)));
    const measured = classificationPerformance(
      scores,
      within.map(({ application_id: id }) => defaulted.get(id)!),
      golden.threshold,
    );
    for (const figure of ["n", "defaults", "auc", "ks", "brier"] as const) {
      differing(`from ${window.from}: ${figure}`, measured[figure] ?? undefined, window[figure]);
    }
    process.stdout.write(
      `performance from ${window.from} before ${window.before} compared, ${window.n} applications\n`,
    );
  }
}

function encoded(values: Application["features"]): number[] {
  const row = new Float32Array(encoder.width);
  encoder.encode(values, row, 0, () => undefined);
  return [...row];
}

function readLines<T>(file: string): T[] {
  const text = gunzipSync(readFileSync(join(data, file))).toString();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}
