import type { EventLine } from "./event-lines.ts";
import type { Fate } from "./persistent-publish.ts";
import type { Source } from "./source-file.ts";

/** What has become of the lines so far; blank ones don't count. */
export type Tally = {
  readonly files: readonly FileTally[];
  lines: number;
  /** Not valid events. They are published, and end as dead letters. */
  invalid: number;
  /** Acknowledged by the broker and new to it. */
  stored: number;
  /** Acknowledged too, but known to the broker by their ids already. */
  duplicates: number;
  /** Not published: too large, or refused by the broker for good. */
  refused: number;
  /** Bytes of the files read so far, as stored. */
  readonly bytesRead: () => number;
  /** Since the first file was begun, once it is; connecting to the broker doesn't count. */
  elapsedMs: () => number;
};

export type FileTally = {
  readonly source: Source;
  state: "waiting" | "begun" | "read";
  bytesRead: () => number;
  acknowledged: number;
  /** The last line handed over for publishing, and the first of those that nobody knows to be published. */
  lastSent: number;
  firstOpen: number;
};

export function createTally(sources: readonly Source[]): Tally {
  const files = sources.map(
    (source): FileTally => ({
      source,
      state: "waiting",
      bytesRead: () => 0,
      acknowledged: 0,
      lastSent: 0,
      firstOpen: Number.POSITIVE_INFINITY,
    }),
  );
  const bytesRead = () => files.reduce((sum, file) => sum + file.bytesRead(), 0);
  return { files, lines: 0, invalid: 0, stored: 0, duplicates: 0, refused: 0, bytesRead, elapsedMs: () => 0 };
}

/** Counts what became of a line that was sent. */
export function settle(tally: Tally, file: FileTally, line: EventLine, fate: Fate): void {
  if (fate.kind === "refused") tally.refused++;
  else if (fate.kind === "open") file.firstOpen = Math.min(file.firstOpen, line.number);
  else {
    file.acknowledged++;
    if (fate.kind === "stored") tally.stored++;
    else tally.duplicates++;
  }
}

/** The line up to which every one of a file was dealt with; 0 when the first one wasn't. */
export function throughLine({ lastSent, firstOpen }: FileTally): number {
  return Math.min(lastSent, firstOpen - 1);
}
