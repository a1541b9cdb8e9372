/**
 * Builds the summary that demo applicants are drawn from, out of real applications but with none of them in it:
 *
 *   $(bin/node-new-enough) scripts/build-applicants.ts --applications FILE --before 2010-07-01 \
 *     --manifest models/lendingclub/manifest.json --out models/lendingclub-applicants.json \
 *     --at-most open_accounts=total_accounts --at-most bankruptcies=public_records
 *
 * Applications are JSON lines as published on the broker, gzipped or not. --at-most PART=WHOLE says that one feature
 * counts a part of another. The same file gives the same bytes.
 */
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import type { ApplicationEvent, FeatureValue } from "../src/contracts/application.ts";
import {
  APPLICANT_SUMMARY_FORMAT,
  APPLICANT_SUMMARY_VERSION,
  type ApplicantSummary,
  type FeatureSummary,
} from "../src/ingest/applicant-summary.ts";
import { type Feature, parseManifest } from "../src/models/manifest.ts";
import { OperatorError, UsageError } from "../src/platform/errors.ts";
import { type CutNormal, cutNormal, latentCorrelation } from "../src/statistics/latent-correlation.ts";
import { quantile, sortedNumbers } from "../src/statistics/quantiles.ts";
import { readJsonLines, readText } from "./json-lines.ts";

/** Numeric features with more distinct values than this are summarised by quantiles. */
const MAX_VALUES = 20;
/** A value or category that fewer applicants have is left out: a summary describes a population, nobody in it. */
const FEWEST = 5;
/** Where more than this share has no value, having none means something. */
const MEANINGFUL_MISSING = 0.5;
/** The steps that people and bureaus round to, each a divisor of the one before. */
const STEPS = [1000, 500, 100, 50, 25, 5, 1, 0.1, 0.01, 0.001, 0.0001] as const;

/** A feature's summary, with each application's cell for the correlations: undefined where its value is lost. */
type Column = {
  readonly summary: FeatureSummary;
  readonly cells: readonly (number | undefined)[];
  readonly normal: CutNormal;
};

async function main(): Promise<void> {
  const options = readOptions();
  const manifest = parseManifest(await readText(options.manifest), options.manifest);
  const applications = (await readJsonLines<ApplicationEvent>(options.applications)).filter(
    ({ submitted_at }) => Date.parse(submitted_at) < Date.parse(options.before),
  );
  const columns = manifest.features.map((feature) =>
    columnOf(
      feature,
      applications.map(({ features }) => usable(feature, features[feature.name])),
    ),
  );
  const summary: ApplicantSummary = {
    format: APPLICANT_SUMMARY_FORMAT,
    format_version: APPLICANT_SUMMARY_VERSION,
    source: `${basename(options.applications)}, submitted before ${options.before}`,
    n: applications.length,
    features: columns.map(({ summary }) => {
      const whole = options.wholes.get(summary.name);
      return whole === undefined ? summary : { ...summary, at_most: whole };
    }),
    correlation: columns.map((column, i) => columns.slice(0, i + 1).map((other) => correlationOf(column, other))),
  };
  await writeFile(options.out, format(summary));
  console.log(`${options.out}: ${summary.n} applications, ${summary.features.length} features`);
}

/** The value as the model sees it: undefined where it is absent, out of range or not listed. */
function usable(feature: Feature, value: FeatureValue | undefined): number | string | undefined {
  if (feature.type === "categorical") return feature.categories.find((category) => category === value);
  return typeof value === "number" && value >= feature.min && value <= feature.max ? value : undefined;
}

function columnOf(feature: Feature, values: readonly (number | string | undefined)[]): Column {
  const present = values.filter((value) => value !== undefined);
  const missing = 1 - present.length / values.length;
  const missing_is = missing > MEANINGFUL_MISSING ? "last" : "random";
  const common = { name: feature.name, missing: rounded(missing), missing_is } as const;
  const order = feature.type === "categorical" ? feature.categories : distinctNumbers(present as number[]);
  const cellOf = new Map<number | string | undefined, number>(order.map((value, index) => [value, index]));
  if (missing_is === "last") cellOf.set(undefined, order.length);
  const cells = values.map((value) => cellOf.get(value));
  const counts = new Array<number>(cellOf.size).fill(0);
  for (const cell of cells) if (cell !== undefined) counts[cell]! += 1;
  const summary: FeatureSummary =
    order.length > MAX_VALUES
      ? { ...common, type: "quantiles", ...quantilesOf(present as number[]) }
      : { ...common, type: "values", ...sharesOf(order, counts) };
  return { summary, cells, normal: cutNormal(counts) };
}

function distinctNumbers(values: readonly number[]): number[] {
  return [...new Set(sortedNumbers(values))];
}

function sharesOf(
  order: readonly (number | string)[],
  counts: readonly number[],
): { values: (number | string)[]; shares: number[] } {
  const kept = order.flatMap((value, i) => (counts[i]! >= FEWEST ? [{ value, count: counts[i]! }] : []));
  const total = kept.reduce((sum, { count }) => sum + count, 0);
  return { values: kept.map(({ value }) => value), shares: kept.map(({ count }) => rounded(count / total)) };
}

function quantilesOf(values: readonly number[]): { quantiles: number[]; rounding: [number, number][] } {
  const sorted = sortedNumbers(values);
  const rounding = roundingOf(values, (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 10);
  const finest = rounding.at(-1)![0];
  const quantiles = Array.from({ length: 101 }, (_, percent) => {
    const value = quantile(sorted, Math.min(Math.max(percent / 100, 0.002), 0.998));
    return Number((Math.round(value / finest) * finest).toPrecision(10));
  });
  return { quantiles, rounding };
}

/**
 * Which share of the values is rounded to which step. Of the values on the grid of a step, those that weren't meant for the
 * next coarser grid are on it all the same as often as the two steps are apart; what is beyond that was rounded to it.
 * Values that one applicant in a hundred has are left out: the quantiles repeat them by themselves. Steps above `coarsest`
 * aren't looked for, since they would round the distribution's shape away.
 */
function roundingOf(values: readonly number[], coarsest: number): [number, number][] {
  const frequency = new Map<number, number>();
  for (const value of values) frequency.set(value, (frequency.get(value) ?? 0) + 1);
  const scattered = values.filter((value) => frequency.get(value)! < values.length / 100);
  const sample = scattered.length > 0 ? scattered : values;
  const onGrid = STEPS.map((step) => sample.filter((value) => isMultiple(value, step)).length / sample.length);
  const finest = onGrid.findIndex((share) => share > 0.995);
  if (finest === -1) throw new OperatorError("A feature has values finer than 0.0001; it cannot be summarised.");
  const rounding: [number, number][] = [];
  let soFar = 0;
  for (let i = 0; i < finest; i += 1) {
    if (STEPS[i]! > coarsest) continue;
    const ratio = STEPS[i + 1]! / STEPS[i]!;
    const meant = (onGrid[i]! - onGrid[i + 1]! * ratio) / (1 - ratio);
    if (meant - soFar < 0.02) continue;
    rounding.push([STEPS[i]!, rounded(meant - soFar)]);
    soFar = meant;
  }
  return [...rounding, [STEPS[finest]!, rounded(1 - soFar)]];
}

function isMultiple(value: number, step: number): boolean {
  return Math.abs(value / step - Math.round(value / step)) < 1e-6;
}

function correlationOf(a: Column, b: Column): number {
  if (a === b) return 1;
  const rows = [...a.cells.keys()].filter((i) => a.cells[i] !== undefined && b.cells[i] !== undefined);
  const correlation = latentCorrelation(
    a.normal,
    b.normal,
    rows.map((i) => a.cells[i]!),
    rows.map((i) => b.cells[i]!),
  );
  return Math.round(correlation * 1000) / 1000;
}

function rounded(share: number): number {
  return Math.round(share * 1e5) / 1e5;
}

/** JSON with one feature, and one row of correlations, per line. */
function format(summary: ApplicantSummary): string {
  const members = Object.entries(summary).map(([key, value]) => {
    const text = Array.isArray(value)
      ? `[\n${value.map((item) => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`
      : JSON.stringify(value);
    return `  ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${members.join(",\n")}\n}\n`;
}

type Options = Readonly<Record<(typeof NAMES)[number], string>> & {
  /** Feature → the feature that it counts a part of. */
  readonly wholes: ReadonlyMap<string, string>;
};
const NAMES = ["applications", "before", "manifest", "out"] as const;

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(NAMES.map((name) => [name, { type: "string" as const }])),
      "at-most": { type: "string", multiple: true, default: [] },
    },
  });
  const absent = NAMES.filter((name) => !(name in values));
  if (absent.length > 0) throw new UsageError(`Give ${absent.map((name) => `--${name}`).join(", ")} as well.`);
  const { "at-most": pairs, ...given } = values;
  const texts = given as Record<(typeof NAMES)[number], string>;
  if (Number.isNaN(Date.parse(texts.before))) throw new UsageError("--before is not a date such as 2010-07-01.");
  return { ...texts, wholes: new Map(pairs.map(readPair)) };
}

function readPair(pair: string): [string, string] {
  const [part, whole] = pair.split("=");
  if (!part || !whole) throw new UsageError("--at-most takes two features: PART=WHOLE.");
  return [part, whole];
}

try {
  await main();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
