import { parseArgs } from "node:util";
import { UsageError } from "../src/platform/errors.ts";

export type BenchOptions = {
  /** A smoke run: every measurement, too short to mean anything. */
  readonly quick: boolean;
  /** Where the figures go, besides the table on standard output. */
  readonly jsonFile: string | undefined;
  /** Instead of the measurements: minutes of steady load while the scorer's memory is watched. */
  readonly soakMinutes: number | undefined;
};

export const USAGE = `usage: npm run bench -- [--quick] [--json FILE] [--soak MINUTES]

Measures the parts, the whole pipeline, its latency and its memory on servers of its own, which it stops and removes.

  --quick          a smoke run of less than 40 seconds; its figures mean nothing
  --json FILE      also write the figures as JSON
  --soak MINUTES   only this: a steady load for so long, printing the scorer's memory every 30 seconds
`;

/** Reads the command line; undefined when it asks for help. @throws UsageError on wrong usage. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const soakMinutes = values.soak === undefined ? undefined : Number(values.soak);
  if (soakMinutes !== undefined && !(soakMinutes > 0 && Number.isFinite(soakMinutes))) {
    throw new UsageError("--soak needs a positive number of minutes");
  }
  return { quick: values.quick ?? false, jsonFile: values.json, soakMinutes };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean" },
        json: { type: "string" },
        soak: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
