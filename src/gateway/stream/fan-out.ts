import { createPieces, hasRoom, type Recipient } from "./delivery.ts";
import { scoreFrame } from "./frames.ts";
import { keepRecent, type RecentScores } from "./recent-scores.ts";
import type { ScoreTail } from "./score-tail.ts";

export type FanOut = {
  readonly recent: RecentScores;
  /** Writes to a recipient from now on whatever it wants and doesn't have; its `next` must be among what is kept. */
  join(recipient: Recipient): void;
  leave(recipient: Recipient): void;
  stop(): void;
};

export type FanOutOptions = {
  readonly tail: ScoreTail;
  /** Told how many scores were written to sockets. */
  readonly onSent: (scores: number) => void;
  /** A recipient that takes too little: what it wants next is gone, or it has taken nothing for too long. */
  readonly onTooSlow: (recipient: Recipient) => void;
  /** Sequences begin again, with the given one: what anybody asked for is gone. */
  readonly onRestart: (first: number) => void;
};

const KEPT_BYTES = 64 * 1024 * 1024;
/** Scores that come within so long are written together: a write for each would take more than the scores. */
const GATHER_MS = 5;
/** A full socket is looked at again. */
const LOOK_AGAIN_MS = 100;
const STALLED_MS = 10_000;

/**
 * Writes the tail's scores to all clients. Everyone has a place in what is kept and is written to from there as long as its
 * socket takes it: nothing is queued for anyone, so memory is that of what is kept and of full sockets.
 */
export function createFanOut({ tail, onSent, onTooSlow, onRestart }: FanOutOptions): FanOut {
  const recent = keepRecent(KEPT_BYTES, tail.lastSequence() + 1);
  const pieces = createPieces(recent);
  const recipients = new Set<Recipient>();
  let newest = tail.lastSequence();
  let timer: NodeJS.Timeout | undefined;

  const unsubscribe = tail.onScore(({ sequence, channel, decision, text }) => {
    pieces.clear();
    recent.add({ sequence, channel, decision, frame: scoreFrame({ sequence, text }) });
    newest = sequence;
    schedule(GATHER_MS);
  });
  tail.onRestart((last) => {
    recent.restart(last + 1);
    newest = last;
    onRestart(last + 1);
  });

  function schedule(inMs: number): void {
    timer ??= setTimeout(flush, inMs);
  }

  function flush(): void {
    timer = undefined;
    const from = performance.now();
    let sent = 0;
    let isBehind = false;
    for (const recipient of recipients) {
      sent += writeTo(recipient, from);
      if (recipient.next <= newest) isBehind = true;
    }
    pieces.clear();
    if (sent > 0) onSent(sent);
    // At most half of the time is spent on writing, however many clients there are: the rest is for everything else.
    if (isBehind) schedule(Math.max(sent > 0 ? GATHER_MS : LOOK_AGAIN_MS, performance.now() - from));
  }

  function writeTo(recipient: Recipient, now: number): number {
    const { socket, subscription } = recipient;
    if (socket.destroyed) return 0;
    let sent = 0;
    while (recipient.next <= newest) {
      const isFull = !hasRoom(recipient, now);
      if (recipient.next < recent.completeFrom() || (isFull && now - recipient.fullSince! > STALLED_MS)) {
        onTooSlow(recipient);
        return sent;
      }
      if (isFull) return sent;
      const piece = pieces.from(recipient.next, subscription);
      if (piece.scores > 0) socket.write(piece.bytes);
      sent += piece.scores;
      recipient.next = piece.isLast ? newest + 1 : piece.next;
    }
    return sent;
  }

  return {
    recent,
    join(recipient) {
      recipients.add(recipient);
      const sent = writeTo(recipient, performance.now());
      if (sent > 0) onSent(sent);
      if (recipient.next <= newest) schedule(GATHER_MS);
    },
    leave: (recipient) => void recipients.delete(recipient),
    stop() {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}
