import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { readEnvironment } from "../app/environment.ts";
import { runUp } from "../app/up.ts";
import type { CommandContext } from "./program.ts";

/** The broker and the database need a core of their own. */
const DEFAULT_SCORERS = Math.max(1, availableParallelism() - 1);

export function addUpCommand(program: Command, { signal }: CommandContext): void {
  program
    .command("up")
    .description("run everything on this machine, with an embedded NATS and PostgreSQL unless their addresses are set")
    .option("--demo", "publish made-up applicants, and shift their population after three minutes", false)
    .option("--observe", "also run Prometheus and Alertmanager, with all rules, on this machine", false)
    .addOption(new Option("--scorers <n>", "scorer processes").default(DEFAULT_SCORERS).argParser(scorerCount))
    .addOption(new Option("--port <p>", "port of the gateway and console; 0 is a free one").argParser(portOf))
    .action(({ demo, observe, scorers, port }: UpArguments) => {
      const environment = readEnvironment();
      const asked = port ?? environment.PLUMBLINE_PORT;
      return runUp({ environment, demo, observe, scorers, port: asked, output: process.stdout, signal });
    });
}

type UpArguments = {
  readonly demo: boolean;
  readonly observe: boolean;
  readonly scorers: number;
  readonly port: number | undefined;
};

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
  return port;
}

function scorerCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    throw new InvalidArgumentError("It must be a whole number from 1 to 64.");
  }
  return count;
}
