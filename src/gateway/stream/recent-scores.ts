import type { Decision } from "../../contracts/score.ts";

export type ScoreMessage = {
  /** In SCORES. */
  readonly sequence: number;
  readonly channel: string;
  readonly decision: Decision;
  readonly applicationId: string;
  /** Milliseconds since 1970, the broker's time. */
  readonly publishedAt: number;
  /** The score event as published, JSON text. */
  readonly text: string;
};

/** A score as it goes over the wire, made once for all clients. */
export type FramedScore = Pick<ScoreMessage, "sequence" | "channel" | "decision"> & { readonly frame: Buffer };

export type RecentScores = {
  /** Every message from this sequence up to the newest is here. */
  completeFrom(): number;
  /** Takes the next message, and lets the oldest go when there is no room. */
  add(message: FramedScore): void;
  /** Those from a sequence on, oldest first, at most so many. */
  from(sequence: number, most: number): readonly FramedScore[];
  /** Forgets all; complete from a sequence on. */
  restart(completeFrom: number): void;
};

/**
 * The newest scores, kept so that a client which comes back after a moment needs nobody but us. Gaps between sequences are
 * the stream's own.
 *
 * @param completeFrom where it begins: the first sequence that will be added, or one before it that doesn't exist.
 */
export function keepRecent(mostBytes: number, completeFrom: number): RecentScores {
  let kept: FramedScore[] = [];
  // Of `kept` those before are forgotten; they are cut off now and then, not one by one.
  let first = 0;
  let bytes = 0;
  let complete = completeFrom;

  function indexOf(sequence: number): number {
    let low = first;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (kept[middle]!.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    completeFrom: () => complete,
    add(message) {
      kept.push(message);
      bytes += message.frame.length;
      while (bytes > mostBytes && first < kept.length - 1) {
        const gone = kept[first++]!;
        bytes -= gone.frame.length;
        complete = gone.sequence + 1;
      }
      if (first > 1_000 && first > kept.length / 2) {
        kept = kept.slice(first);
        first = 0;
      }
    },
    from(sequence, most) {
      const index = indexOf(sequence);
      return kept.slice(index, index + most);
    },
    restart(from) {
      kept = [];
      first = 0;
      bytes = 0;
      complete = from;
    },
  };
}
