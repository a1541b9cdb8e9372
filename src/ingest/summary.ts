import { grouped } from "./progress-bar.ts";
import { type FileTally, type Tally, throughLine } from "./tally.ts";

/** What `publish` and `publish --check` answer at the end. */
export type Summary = {
  /** Null when the lines were only checked. */
  readonly subject: string | null;
  readonly lines: number;
  readonly invalid: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly refused: number;
  /** Sent, but not acknowledged before publishing was stopped. */
  readonly unacknowledged: number;
  readonly seconds: number;
  readonly per_second: number;
  readonly complete: boolean;
  readonly files: readonly FileSummary[];
};

type FileSummary = {
  readonly file: string;
  readonly complete: boolean;
  readonly acknowledged: number;
  /** The line up to which every one was acknowledged, or reported as refused. */
  readonly through_line: number;
};

export function summarize(tally: Tally, subject: string | undefined): Summary {
  const elapsedMs = tally.elapsedMs();
  const { lines, invalid, stored, duplicates, refused } = tally;
  const unacknowledged = subject === undefined ? 0 : lines - stored - duplicates - refused;
  const files = tally.files.map((file): FileSummary => {
    const complete = file.state === "read" && file.firstOpen === Number.POSITIVE_INFINITY;
    return { file: file.source.name, complete, acknowledged: file.acknowledged, through_line: throughLine(file) };
  });
  return {
    subject: subject ?? null,
    lines,
    invalid,
    stored,
    duplicates,
    refused,
    unacknowledged,
    seconds: Math.round(elapsedMs) / 1_000,
    per_second: Math.round((lines * 1_000) / Math.max(elapsedMs, 1)),
    complete: files.every(({ complete }) => complete),
    files,
  };
}

/** The summary for a person: one line, and one per file when not everything was published. */
export function summaryText(summary: Summary, files: readonly FileTally[]): string {
  const { subject, lines, invalid, stored, duplicates, refused, unacknowledged } = summary;
  const time = `in ${summary.seconds.toFixed(1)} s (${grouped(summary.per_second)}/s)`;
  if (subject === null) {
    const valid = lines - invalid - refused;
    const text = `${grouped(lines)} lines checked ${time}: ${grouped(valid)} valid, ${grouped(invalid)} invalid, ${grouped(refused)} too large`;
    return `${text}${summary.complete ? "" : "; not all were checked"}\n`;
  }
  const counts = [
    `${grouped(stored)} stored`,
    `${grouped(duplicates)} duplicates`,
    `${grouped(invalid)} invalid`,
    `${grouped(refused)} refused`,
  ];
  if (unacknowledged > 0) counts.push(`${grouped(unacknowledged)} not acknowledged`);
  const headline = `${grouped(lines)} lines to ${subject} ${time}: ${counts.join(", ")}\n`;
  return summary.complete ? headline : `${headline}${files.map(fileText).join("")}`;
}

function fileText(file: FileTally): string {
  const { source, state, acknowledged } = file;
  if (state === "waiting") return `  ${source.name}: not begun\n`;
  return `  ${source.name}: ${grouped(acknowledged)} lines acknowledged, all up to line ${grouped(throughLine(file))}\n`;
}
