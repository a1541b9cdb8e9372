import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { buildReference, type Moment } from "../app/build-reference.ts";
import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import { parseMapping } from "../ingest/csv-mapping.ts";
import { parseManifest } from "../models/manifest.ts";
import { parseReferenceProfile } from "../models/parse-reference-profile.ts";
import { submissionTime } from "../models/submission-time.ts";
import { OperatorError, UsageError } from "../platform/errors.ts";
import { fileFault } from "../platform/file-fault.ts";
import { formatReferenceProfile } from "../statistics/format-reference-profile.ts";
import type { CommandContext } from "./program.ts";

type Options = {
  readonly bundle: string;
  readonly applications: string;
  readonly outcomes: string | undefined;
  readonly scores: string | undefined;
  readonly outOfFold: boolean;
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly map: string | undefined;
  readonly out: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
};

const HELP = `
The reference profile says what the applications that a model was trained on looked like: live traffic is compared with it.
It is made from the applications of the training period (--from and --to), with their scores, and the outcomes of those that
have one. Use scores that are out of fold: on its own training data a model flatters itself.

Files are .jsonl or .csv, also with .gz, as for publish; scores have application_id and score, as score events do. A line that
is not valid is reported with file and line, and then nothing is written. The same files give the same bytes.

  plumbline models reference --bundle models/lendingclub --applications applications.jsonl.gz \\
    --outcomes outcomes.jsonl.gz --scores out-of-fold.csv.gz --out-of-fold --to 2010-07-01`;

export function addModelsCommand(program: Command, { signal }: CommandContext): void {
  const command = program.command("models").description("model bundles");
  command
    .command("reference")
    .description("build a bundle's reference profile (reference.json) from applications")
    .requiredOption("--bundle <folder>", "folder with the manifest.json of the model")
    .requiredOption("--applications <file>", "application events that the model was trained on")
    .option("--outcomes <file>", "outcome events; with scores they make the reference performance")
    .option("--scores <file>", "scores of the applications, one for each")
    .option(
      "--out-of-fold",
      "say in the profile that each score is from a model that had not seen the application",
      false,
    )
    .option("--from <time>", "only applications submitted from this time on, such as 2010-01-01", moment)
    .option("--to <time>", "only applications submitted before this time", moment)
    .option("--map <file>", "JSON file that says which CSV column is which field (see publish --help)")
    .option("--out <file>", "where to write it (default: reference.json in the bundle)")
    .option("--force", "write over another profile; never do that to a bundle that is in use", false)
    .option("--json", "print what was built as JSON", false)
    .addHelpText("after", HELP)
    .action((options: Options) => reference(options, signal));
}

async function reference(options: Options, signal: AbortSignal): Promise<void> {
  const { bundle, from, to } = options;
  if (from && to && from.instant >= to.instant) throw new UsageError("--from must be before --to.");
  if (options.outOfFold && options.scores === undefined)
    throw new UsageError("--out-of-fold says something of --scores.");
  const manifestFile = join(bundle, "manifest.json");
  const manifest = parseManifest(await readText(manifestFile), manifestFile);
  const mapping = options.map === undefined ? undefined : parseMapping(await readText(options.map), options.map);
  const profile = await buildReference(manifest, { ...options, mapping }, signal);
  const out = options.out ?? join(bundle, "reference.json");
  const text = formatReferenceProfile(profile);
  parseReferenceProfile(text, out, manifest);
  await write(out, text, options.force);
  process.stdout.write(options.json ? `${JSON.stringify(summaryOf(profile, out))}\n` : describe(profile, out));
}

/** All or nothing: a scorer that starts meanwhile finds the old profile or the new one. */
async function write(out: string, text: string, force: boolean): Promise<void> {
  const present = await readFile(out, "utf8").catch(() => undefined);
  if (present === text) return;
  if (present !== undefined && !force) {
    throw new OperatorError(
      `${out} holds another profile, and a bundle that is in use must not change. Write elsewhere with --out, or over it with --force.`,
    );
  }
  const draft = `${out}.${process.pid}.draft`;
  try {
    await writeFile(draft, text);
    await rename(draft, out);
  } catch (error) {
    await rm(draft, { force: true });
    throw new OperatorError(`cannot write ${out}: ${fileFault(error)}`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new OperatorError(`cannot read ${file}: ${fileFault(error)}`, { cause: error });
  }
}

function summaryOf({ model, n, period, features, decisions, performance }: ReferenceProfile, out: string): object {
  return { out, model, n, period, features: features.length, decisions, performance };
}

function describe(profile: ReferenceProfile, out: string): string {
  const { model, n, period, features, decisions, performance } = profile;
  const percent = (count: number) => `${((100 * count) / n).toFixed(1)} %`;
  const share = (value: number | null) => (value === null ? "–" : value.toFixed(4));
  const lines = [
    `${out}: ${model.name} ${model.version}, ${n} applications from ${period.from} to ${period.to}, ${features.length} features`,
    decisions
      ? `decisions: ${percent(decisions.approve)} approve, ${percent(decisions.refer)} refer, ${percent(decisions.decline)} decline`
      : "no scores: the score and the decisions have no reference",
    performance
      ? `performance on ${performance.n} outcomes: AUC ${share(performance.auc)}, KS ${share(performance.ks)}, Brier ${share(performance.brier)}`
      : "no outcomes with scores: performance has no reference",
  ];
  return `${lines.join("\n")}\n`;
}

function moment(text: string): Moment {
  const instant = submissionTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant === undefined)
    throw new InvalidArgumentError("It must be a date or time such as 2010-07-01 or 2010-07-01T12:00:00Z.");
  return { text, instant };
}
