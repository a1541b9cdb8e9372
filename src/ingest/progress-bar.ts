import type { Tally } from "./tally.ts";

const PERIOD_MS = 200;
const BAR_WIDTH = 16;

export type ProgressBar = {
  /** Prints a line above the bar. */
  print(line: string): void;
  /** Takes the bar away. */
  stop(): void;
};

/** Keeps one live line at the end of a terminal; where the output is none, prints lines and nothing else. */
export function showProgress(output: NodeJS.WriteStream, current: () => string): ProgressBar {
  if (!output.isTTY) return { print: (line) => output.write(`${line}\n`), stop: () => {} };
  const draw = () => output.write(`\r\x1b[2K${current().slice(0, (output.columns ?? 80) - 1)}`);
  const timer = setInterval(draw, PERIOD_MS);
  return {
    print(line) {
      output.write(`\r\x1b[2K${line}\n`);
      draw();
    },
    stop() {
      clearInterval(timer);
      output.write("\r\x1b[2K");
    },
  };
}

/**
 * The live line: how much of the files is read, how many lines, how fast, how long it will take, what went wrong. No
 * bar and no remaining time where a source's size is unknown. `held` is what the broker says when it takes nothing.
 */
export function progressLine(tally: Tally, held: string | undefined): string {
  const elapsedMs = tally.elapsedMs();
  const perSecond = Math.round(tally.lines / Math.max(elapsedMs / 1_000, 0.001));
  const parts = [`${grouped(tally.lines)} lines`, `${grouped(perSecond)}/s`];
  const share = shareRead(tally);
  if (share !== undefined && share > 0) parts.push(`${clock((elapsedMs * (1 - share)) / share)} left`);
  if (tally.invalid + tally.refused > 0) parts.push(`${grouped(tally.invalid + tally.refused)} rejected`);
  if (tally.duplicates > 0) parts.push(`${grouped(tally.duplicates)} duplicates`);
  if (held !== undefined) parts.push(`waiting: ${held}`);
  return share === undefined ? parts.join(" · ") : `${bar(share)} ${parts.join(" · ")}`;
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function shareRead({ files, bytesRead }: Tally): number | undefined {
  const total = files.reduce((sum, { source }) => sum + (source.size ?? Number.NaN), 0);
  return Number.isNaN(total) ? undefined : Math.min(1, bytesRead() / total);
}

function bar(share: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}

/** m:ss, or h:mm:ss. */
function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
