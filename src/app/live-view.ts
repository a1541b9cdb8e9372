import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SupervisedProcess } from "../platform/supervise.ts";
import { type Counts, liveLine, readCounts } from "./live-figures.ts";

/** Where a running role serves its metrics, or what it serves to others; undefined until it has announced that. */
export async function announcedUrl(
  home: string,
  role: string,
  pid: number | undefined,
  which: "url" | "serves" = "url",
): Promise<string | undefined> {
  try {
    return JSON.parse(await readFile(join(home, "run", `${role}-${pid}.json`), "utf8"))[which];
  } catch {
    return undefined;
  }
}

const TERMINAL_PERIOD_MS = 1_000;
/** Into a file a line a second would be noise. */
const FILE_PERIOD_MS = 10_000;
/** Latency quantiles over fewer seconds would flicker. */
const SPAN = 5;

export type LiveView = {
  /** Prints a line above the live one. */
  say(line: string): void;
  stop(): void;
};

/** Shows one live line, rewritten in place on a terminal, from the metrics of the given scorers. */
export function showLive(home: string, scorers: readonly SupervisedProcess[], output: NodeJS.WriteStream): LiveView {
  const isTerminal = output.isTTY === true;
  const readings: { at: number; counts: Counts }[] = [];
  let current = "";
  let busy = false;

  async function read(): Promise<void> {
    const texts = await Promise.all(
      scorers.map(async (scorer) => {
        const url = await announcedUrl(home, "scorer", scorer.pid());
        // A scorer that is being started again has nothing to say for a moment.
        return url === undefined ? "" : fetchText(`${url}/metrics`);
      }),
    );
    readings.push({ at: Date.now(), counts: readCounts(texts) });
    if (readings.length > SPAN + 1) readings.shift();
    const [first, last] = [readings[0]!, readings.at(-1)!];
    if (first === last) return;
    current = liveLine(first.counts, last.counts, (last.at - first.at) / 1000);
    if (isTerminal) output.write(`\r\x1b[2K${current.slice(0, (output.columns ?? 120) - 1)}`);
    else output.write(`${current}\n`);
  }

  const timer = setInterval(
    () => {
      if (busy) return;
      busy = true;
      read().finally(() => {
        busy = false;
      });
    },
    isTerminal ? TERMINAL_PERIOD_MS : FILE_PERIOD_MS,
  );

  return {
    say(line) {
      output.write(isTerminal ? `\r\x1b[2K${line}\n${current}` : `${line}\n`);
    },
    stop() {
      clearInterval(timer);
      if (isTerminal) output.write("\r\x1b[2K");
    },
  };
}

async function fetchText(url: string): Promise<string> {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).text();
  } catch {
    return "";
  }
}
