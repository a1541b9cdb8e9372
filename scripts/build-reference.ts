/**
 * Builds the reference profile of a model bundle (reference.json) from what the model was trained on:
 *
 *   $(bin/node-new-enough) scripts/build-reference.ts --applications FILE --outcomes FILE --scores FILE \
 *     --before 2010-07-01 --manifest models/lendingclub/manifest.json --out models/lendingclub/reference.json
 *
 * Applications and outcomes are JSON lines as published on the broker, scores a CSV of application_id,score (out of fold:
 * on its own training data a model flatters itself); each may be gzipped. --before (exclusive) ends the training period.
 * The same files give the same bytes.
 */
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "csv-parse/sync";
import type { ApplicationEvent } from "../src/contracts/application.ts";
import type { ReferenceProfile } from "../src/contracts/reference-profile.ts";
import { parseManifest } from "../src/models/manifest.ts";
import { messageOf, OperatorError, UsageError } from "../src/platform/errors.ts";
import { buildReferenceProfile, type ReferenceInput } from "../src/statistics/build-reference-profile.ts";
import { formatReferenceProfile } from "../src/statistics/format-reference-profile.ts";
import { readJsonLines, readText } from "./json-lines.ts";

type Options = Readonly<Record<"applications" | "outcomes" | "scores" | "before" | "manifest" | "out", string>>;

async function main(): Promise<void> {
  const options = readOptions();
  const profile = await buildFrom(options);
  await writeFile(options.out, formatReferenceProfile(profile));
  console.log(`${options.out}: ${profile.n} applications, ${profile.features.length} features`);
  console.log(JSON.stringify({ decisions: profile.decisions, performance: profile.performance }, null, 2));
}

async function buildFrom(options: Options): Promise<ReferenceProfile> {
  const manifest = parseManifest(await readFile(options.manifest, "utf8"), options.manifest);
  const applications = (await readJsonLines<ApplicationEvent>(options.applications)).filter(
    ({ submitted_at }) => Date.parse(submitted_at) < Date.parse(options.before),
  );
  const outcomes = await readOutcomes(options.outcomes);
  const scores = await readScores(options.scores);
  const input: ReferenceInput = {
    model: manifest,
    features: manifest.features,
    applications,
    scores: applications.map(({ application_id }) => {
      const score = scores.get(application_id);
      if (score === undefined) throw new OperatorError(`${options.scores} has no score for ${application_id}.`);
      return score;
    }),
    defaulted: applications.map(({ application_id }) => outcomes.get(application_id)),
    thresholds: manifest.policy,
    sources: {
      applications: `${basename(options.applications)}, submitted before ${options.before}`,
      outcomes: basename(options.outcomes),
      scores: `${basename(options.scores)}: out of fold, each from a model that had not seen the application`,
    },
  };
  try {
    return buildReferenceProfile(input);
  } catch (error) {
    throw new OperatorError(`These files make no reference profile: ${messageOf(error)}`, { cause: error });
  }
}

/** Defaulted or not, by application id; of several outcomes the one observed last. */
async function readOutcomes(file: string): Promise<Map<string, boolean>> {
  type Outcome = { readonly application_id: string; readonly observed_at: string; readonly defaulted: boolean };
  const outcomes = await readJsonLines<Outcome>(file);
  outcomes.sort((a, b) => Date.parse(a.observed_at) - Date.parse(b.observed_at));
  return new Map(outcomes.map(({ application_id, defaulted }) => [application_id, defaulted]));
}

async function readScores(file: string): Promise<Map<string, number>> {
  const rows: Record<"application_id" | "score", string>[] = parse(await readText(file), { columns: true });
  return new Map(rows.map(({ application_id, score }) => [application_id, Number(score)]));
}

function readOptions(): Options {
  const names = ["applications", "outcomes", "scores", "before", "manifest", "out"] as const;
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
  });
  const absent = names.filter((name) => values[name] === undefined);
  if (absent.length > 0) throw new UsageError(`Give ${absent.map((name) => `--${name}`).join(", ")} as well.`);
  if (Number.isNaN(Date.parse(String(values.before))))
    throw new UsageError("--before is not a date such as 2010-07-01.");
  return values as Options;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
