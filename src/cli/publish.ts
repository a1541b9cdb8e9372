import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { readEnvironment } from "../app/environment.ts";
import { checkFiles, eventKind, publishToChannel } from "../app/publish.ts";
import { inputSubject } from "../contracts/subjects.ts";
import { type Mapping, parseMapping } from "../ingest/csv-mapping.ts";
import { progressLine, showProgress } from "../ingest/progress-bar.ts";
import { FORMATS, type Format, findSources } from "../ingest/source-file.ts";
import { summarize, summaryText } from "../ingest/summary.ts";
import { createTally } from "../ingest/tally.ts";
import { OperatorError } from "../platform/errors.ts";
import { fileFault } from "../platform/file-fault.ts";
import { channelName } from "./channel.ts";
import type { CommandContext } from "./program.ts";
import { WAIT_FOR_SERVER_MS } from "./waiting.ts";

type Options = {
  readonly outcomes: boolean;
  readonly channel: string;
  readonly format: Format | undefined;
  readonly map: string | undefined;
  readonly rate: number | undefined;
  readonly check: boolean;
  readonly json: boolean;
};

const HELP = `
Every line is published as it stands; a line that is not a valid event is reported and ends as a dead letter. Blank
lines are passed over. Lines keep their message ids, so publishing a file again adds nothing that the broker, or else
the scorer, doesn't recognise.

CSV: the first row names the columns. application_id, submitted_at, supersedes and protected.<name> are what they say,
every other column is a feature; outcomes have application_id, observed_at and defaulted (true, false, 1 or 0). An
empty cell is a missing value; cells become numbers where the model wants a number. A mapping names the columns itself:

  {"application_id": "ID", "submitted_at": "DATE",
   "features": {"loan_amount": "LIMIT_BAL", "purpose": {"column": "WHY", "values": {"1": "car", "NA": null}}},
   "protected": {"sex": {"column": "SEX", "values": {"1": "male", "2": "female"}}},
   "constants": {"features": {"term_months": 36}},
   "observed_at": "CLOSED", "defaulted": "BAD"}

"application_id": {"prefix": "TW-"} numbers the rows instead; constants may also hold submitted_at, observed_at and
protected. Outcomes use application_id, observed_at and defaulted, applications the others, so one mapping serves both.

Exit code 0 when every line was valid and acknowledged, 1 otherwise.`;

export function addPublishCommand(program: Command, { signal, outcome }: CommandContext): void {
  program
    .command("publish")
    .argument("<file...>", ".jsonl or .csv, also with .gz; - is standard input (JSON lines unless --format says csv)")
    .description("publish applications (or outcomes) from files to the broker")
    .option("--outcomes", "the lines are outcomes; they go to outcomes.<channel>", false)
    .addOption(
      new Option("--channel <name>", "channel to publish to: 1 to 32 of a-z, 0-9, _ and -")
        .default("default")
        .argParser(channelName),
    )
    .addOption(new Option("--format <format>", "what the files hold, whatever they are called").choices(FORMATS))
    .option("--map <file>", "JSON file that says which CSV column is which field (see below)")
    .addOption(
      new Option("--rate <n>", "lines per second, evenly; as fast as possible without it").argParser(linesPerSecond),
    )
    .addOption(
      new Option("--check", "only validate; publishes nothing and needs no server").default(false).conflicts("rate"),
    )
    .option("--json", "print the summary as JSON", false)
    .addHelpText("after", HELP)
    .action(async (names: string[], options: Options) => {
      const isComplete = await publish(names, options, signal);
      if (!isComplete) outcome.exitCode = 1;
    });
}

/** Publishes or checks, shows how it goes, prints the summary. Returns whether every line was valid and is published. */
async function publish(names: readonly string[], options: Options, signal: AbortSignal): Promise<boolean> {
  const environment = readEnvironment();
  const sources = await findSources(names, options.format);
  const mapping = options.map === undefined ? undefined : await readMapping(options.map);
  const kind = await eventKind(environment, options.outcomes);
  const tally = createTally(sources);
  let held: string | undefined;
  const noted = new Set<string>();
  const progress = showProgress(process.stderr, () => progressLine(tally, held));
  const publishing = {
    kind,
    mapping,
    tally,
    rate: options.rate,
    onFault: progress.print,
    onHeld(description: string | undefined) {
      held = description;
      if (description === undefined || noted.has(description)) return;
      noted.add(description);
      progress.print(`the broker takes nothing for now (${description}), trying again until it does; Ctrl-C gives up`);
    },
  };
  const command = { name: "publish", environment, giveUpAfterMs: WAIT_FOR_SERVER_MS, signal };
  try {
    if (options.check) await checkFiles(environment, publishing, signal);
    else await publishToChannel(command, options.channel, publishing);
  } finally {
    progress.stop();
    if (tally.lines > 0) {
      const subject = options.check ? undefined : inputSubject(kind.input, options.channel);
      const summary = summarize(tally, subject);
      process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : summaryText(summary, tally.files));
    }
  }
  if (signal.aborted) process.stderr.write("plumbline: stopped before the end\n");
  return !signal.aborted && tally.invalid + tally.refused === 0;
}

async function readMapping(file: string): Promise<Mapping> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new OperatorError(`cannot read the mapping ${file}: ${fileFault(error)}`, { cause: error });
  }
  return parseMapping(text, file);
}

function linesPerSecond(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && Number.isFinite(rate))) throw new InvalidArgumentError("It must be a number above 0.");
  return rate;
}
