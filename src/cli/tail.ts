import { once } from "node:events";
import { type Command, InvalidArgumentError, Option } from "commander";
import { brokerFor } from "../app/command-servers.ts";
import { readEnvironment } from "../app/environment.ts";
import { DECISIONS, type Decision } from "../contracts/score.ts";
import { followScores, scoreLine, type TailOptions } from "../ingest/score-tail.ts";
import { OperatorError } from "../platform/errors.ts";
import { channelName } from "./channel.ts";
import type { CommandContext } from "./program.ts";
import { WAIT_FOR_SERVER_MS } from "./waiting.ts";

type Options = {
  readonly from: TailOptions["from"];
  readonly channel: string | undefined;
  readonly decision: Decision | undefined;
  readonly limit: number;
  readonly json: boolean;
};

export function addTailCommand(program: Command, { signal }: CommandContext): void {
  program
    .command("tail")
    .description(
      "follow the decisions as they are made: time, id, channel, score, decision, latency since the application was received, top reason",
    )
    .addOption(
      new Option("--from <start>", '"start" for everything that is kept, or a sequence of the stream SCORES')
        .default("new", "only what comes")
        .argParser(startOf),
    )
    .addOption(new Option("--channel <name>", "only this channel").argParser(channelName))
    .addOption(new Option("--decision <decision>", "only this decision").choices(DECISIONS))
    .addOption(
      new Option("--limit <n>", "end after this many").default(Number.POSITIVE_INFINITY, "never").argParser(limitOf),
    )
    .option("--json", "print the score events, one per line", false)
    .action((options: Options) => tail(options, signal));
}

async function tail({ from, channel, decision, limit, json }: Options, signal: AbortSignal): Promise<void> {
  const command = { name: "tail", environment: readEnvironment(), giveUpAfterMs: WAIT_FOR_SERVER_MS, signal };
  const { nc, jsm } = await brokerFor(command);
  const onWaiting = () => process.stderr.write("no scorer has run yet, waiting for the stream SCORES\n");
  let shown = 0;
  try {
    for await (const score of followScores(jsm, { from, channel, decision, signal, onWaiting })) {
      const hasRoom = process.stdout.write(`${json ? score.text : scoreLine(score)}\n`);
      if (!hasRoom) await once(process.stdout, "drain", { signal }).catch(() => {});
      if (++shown === limit) return;
    }
    if (!signal.aborted) throw new OperatorError("the connection to NATS is closed for good. Check the credentials.");
  } finally {
    await nc.close();
  }
}

function startOf(text: string): TailOptions["from"] {
  if (text === "start") return text;
  return wholeNumber(text, 'It must be "start" or a sequence from 1 on.');
}

function limitOf(text: string): number {
  return wholeNumber(text, "It must be a whole number from 1 on.");
}

function wholeNumber(text: string, otherwise: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError(otherwise);
  return Number(text);
}
