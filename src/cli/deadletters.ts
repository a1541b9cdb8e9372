import { once } from "node:events";
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { brokerFor, type Command as Visit } from "../app/command-servers.ts";
import { readEnvironment } from "../app/environment.ts";
import { requeueDeadLetters } from "../app/requeue.ts";
import { DEAD_LETTER_REASONS, type DeadLetterReason } from "../contracts/dead-letter.ts";
import { INPUT_STREAMS, type InputStream } from "../contracts/subjects.ts";
import { deadLetterJson, deadLetterLine, deadLetterPage, wholeDeadLetterJson } from "../ingest/dead-letter-text.ts";
import {
  type DeadLetter,
  type DeadLetterId,
  deadLetterName,
  findDeadLetter,
  listDeadLetters,
  parseDeadLetterName,
} from "../ingest/dead-letters.ts";
import type { Requeued } from "../ingest/requeue.ts";
import { OperatorError, UsageError } from "../platform/errors.ts";
import { channelName } from "./channel.ts";
import type { CommandContext } from "./program.ts";
import { WAIT_FOR_SERVER_MS } from "./waiting.ts";

type ListOptions = {
  readonly reason: DeadLetterReason | undefined;
  readonly stream: InputStream | undefined;
  readonly limit: number | undefined;
  readonly json: boolean;
};
type RequeueOptions = {
  readonly all: boolean;
  readonly reason: DeadLetterReason | undefined;
  readonly channel: string | undefined;
  readonly json: boolean;
};

const ID_HELP = "as list shows it, such as applications-17";

export function addDeadLettersCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("deadletters")
    .description("events that could not be accounted for in any other way: list them, look at one, publish them again");
  command
    .command("list")
    .description("the dead letters that are kept, newest last")
    .addOption(reasonOption())
    .addOption(new Option("--stream <name>", "only what was published to this stream").choices(INPUT_STREAMS))
    .addOption(new Option("--limit <n>", "only the newest n").argParser(limitOf))
    .option("--json", "print a JSON array", false)
    .action((options: ListOptions) => list(options, context));
  command
    .command("show")
    .argument("<id>", ID_HELP)
    .description("one dead letter with its headers and payload")
    .option("--json", "print JSON, the payload in base64", false)
    .action((name: string, { json }: { json: boolean }) => show(name, json, context));
  command
    .command("requeue")
    .addArgument(new Argument("[id...]", ID_HELP))
    .description("publish dead letters again, and delete each when the broker has acknowledged it")
    .option("--all", "all that are kept now", false)
    .addOption(reasonOption())
    .addOption(
      new Option("--channel <name>", "publish to this channel; needed where the subject was the fault").argParser(
        channelName,
      ),
    )
    .option("--json", "print JSON", false)
    .action((names: string[], options: RequeueOptions) => requeue(names, options, context));
}

function visit(signal: AbortSignal): Visit {
  return { name: "deadletters", environment: readEnvironment(), giveUpAfterMs: WAIT_FOR_SERVER_MS, signal };
}

async function list({ reason, stream, limit, json }: ListOptions, { signal }: CommandContext): Promise<void> {
  const { nc, jsm } = await brokerFor(visit(signal));
  const text = json ? (letter: DeadLetter) => JSON.stringify(deadLetterJson(letter)) : deadLetterLine;
  try {
    const letters = listDeadLetters(jsm, { reason, input: stream }, signal);
    let count = 0;
    for await (const letter of limit === undefined ? letters : newest(letters, limit)) {
      const before = json ? (count === 0 ? "[\n" : ",\n") : "";
      await print(`${before}${text(letter)}${json ? "" : "\n"}`);
      count++;
    }
    if (json) await print(count === 0 ? "[]\n" : "\n]\n");
    else if (count === 0) process.stderr.write("no dead letters\n");
  } finally {
    await nc.close();
  }
}

async function* newest(letters: AsyncIterable<DeadLetter>, limit: number): AsyncGenerator<DeadLetter> {
  const kept: DeadLetter[] = [];
  let next = 0;
  for await (const letter of letters) {
    kept[next] = letter;
    next = (next + 1) % limit;
  }
  yield* kept.length < limit ? kept : [...kept.slice(next), ...kept.slice(0, next)];
}

async function show(name: string, json: boolean, { signal }: CommandContext): Promise<void> {
  const id = parseDeadLetterName(name);
  const { nc, jsm } = await brokerFor(visit(signal));
  try {
    const letter = await findDeadLetter(jsm, id);
    if (letter === undefined) {
      throw new OperatorError(`there is no dead letter ${name}; it may have been requeued, or is too old.`);
    }
    process.stdout.write(
      json ? `${JSON.stringify(wholeDeadLetterJson(letter), undefined, 2)}\n` : deadLetterPage(letter),
    );
  } finally {
    await nc.close();
  }
}

async function requeue(
  names: readonly string[],
  options: RequeueOptions,
  { signal, outcome }: CommandContext,
): Promise<void> {
  const { all, reason, channel, json } = options;
  const wanted = all ? { reason, input: undefined } : namedOnce(names);
  if (all === names.length > 0) throw new UsageError("name the dead letters to requeue, or say --all");
  if (!all && reason !== undefined) throw new UsageError("--reason goes with --all");
  const noted = new Set<string>();
  const onHeld = (description: string) => {
    if (noted.has(description)) return;
    noted.add(description);
    process.stderr.write(
      `the broker takes nothing for now (${description}), trying again until it does; Ctrl-C gives up\n`,
    );
  };
  const results: Requeued[] = [];
  let failed = 0;
  for await (const result of requeueDeadLetters(visit(signal), { wanted, channel, onHeld })) {
    if (json) results.push(result);
    else if (!("error" in result)) await print(`${result.id}: ${where(result)}\n`);
    if (!("error" in result)) continue;
    failed++;
    if (!json) process.stderr.write(`${result.id}: ${result.error}\n`);
  }
  if (json) await print(`${JSON.stringify(results)}\n`);
  if (signal.aborted) process.stderr.write("plumbline: stopped before the end\n");
  if (failed > 0 || signal.aborted) outcome.exitCode = 1;
}

function namedOnce(names: readonly string[]): DeadLetterId[] {
  return [...new Map(names.map(parseDeadLetterName).map((id) => [deadLetterName(id), id])).values()];
}

function where({ subject, sequence }: Exclude<Requeued, { readonly error: string }>): string {
  return sequence === undefined ? "was requeued before, deleted" : `published to ${subject}, sequence ${sequence}`;
}

/** Writes to standard output no faster than it is read. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

function reasonOption(): Option {
  return new Option("--reason <reason>", "only those rejected for this reason").choices(DEAD_LETTER_REASONS);
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 on.");
  return Number(text);
}
