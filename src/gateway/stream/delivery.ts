import type { Socket } from "node:net";
import type { Subscription } from "./frames.ts";
import type { FramedScore, RecentScores } from "./recent-scores.ts";

/** A client that has subscribed, as far as scores are written to it. */
export type Recipient = {
  readonly socket: Pick<Socket, "write" | "writableLength" | "destroyed">;
  readonly subscription: Pick<Subscription, "channels" | "decisions">;
  /** The next sequence that it is to be told. */
  next: number;
  /** Since when its socket takes nothing more, in milliseconds; undefined while it does. */
  fullSince: number | undefined;
};

/** A socket with more than this in it is written to when it has taken some. */
const FULL_BYTES = 256 * 1024;
/** Written to one socket at a time, so that no client waits long for another. */
const MOST_AT_ONCE = 500;

/** Whether a subscription wants a score. */
export function wants({ channels, decisions }: Recipient["subscription"], score: FramedScore): boolean {
  return (
    (channels.size === 0 || channels.has(score.channel)) && (decisions.size === 0 || decisions.has(score.decision))
  );
}

/** Whether the socket takes more; notes since when it doesn't. */
export function hasRoom(recipient: Recipient, now: number): boolean {
  const isFull = recipient.socket.writableLength > FULL_BYTES;
  if (!isFull) recipient.fullSince = undefined;
  else recipient.fullSince ??= now;
  return !isFull;
}

/**
 * Joins recent scores to pieces that are written whole. Many clients are at the same place and want the same, so a piece is
 * joined once for all of them.
 */
export function createPieces(recent: RecentScores) {
  const joined = new Map<string, Piece>();

  return {
    /** Forgets what was joined: it must be done whenever a score is added, since a piece ends where the scores did. */
    clear: () => joined.clear(),
    /** @returns what to write from a sequence on, and the sequence after it. */
    from(next: number, subscription: Recipient["subscription"]): Piece {
      const key = `${next} ${[...subscription.channels].sort()} ${[...subscription.decisions].sort()}`;
      const known = joined.get(key);
      if (known !== undefined) return known;
      const scores = recent.from(next, MOST_AT_ONCE);
      const wanted = scores.filter((score) => wants(subscription, score));
      const piece: Piece = {
        bytes: Buffer.concat(wanted.map(({ frame }) => frame)),
        scores: wanted.length,
        next: scores.length === 0 ? next : scores.at(-1)!.sequence + 1,
        isLast: scores.length < MOST_AT_ONCE,
      };
      joined.set(key, piece);
      return piece;
    },
  };
}

export type Piece = {
  readonly bytes: Buffer;
  readonly scores: number;
  readonly next: number;
  readonly isLast: boolean;
};
