import { pause } from "../platform/retry.ts";

/** Shorter waits would only cost timers. */
const SHORTEST_WAIT_MS = 2;
/** After a longer standstill the schedule starts anew, instead of making up for it in one burst. */
const LONGEST_LAG_MS = 1_000;

export type Pacer = {
  /**
   * Waits until at least one more is due, and returns how many are, `most` at the most.
   * @throws the signal's reason when aborted.
   */
  due(most: number, signal: AbortSignal): Promise<number>;
};

/** An open-loop schedule: `perSecond` are due in every second, evenly, however long each of them takes. */
export function createPacer(perSecond: number, now: () => number = () => performance.now()): Pacer {
  let startedAt = now();
  let released = 0;
  return {
    async due(most, signal) {
      for (;;) {
        const elapsed = now() - startedAt;
        const waiting = Math.floor((elapsed * perSecond) / 1_000) + 1 - released;
        if ((waiting / perSecond) * 1_000 > LONGEST_LAG_MS + 1_000 / perSecond) {
          startedAt = now();
          released = 0;
        } else if (waiting >= 1) {
          const count = Math.min(waiting, most);
          released += count;
          return count;
        } else {
          const nextInMs = (released * 1_000) / perSecond - elapsed;
          await pause(Math.max(SHORTEST_WAIT_MS, nextInMs), signal);
        }
      }
    },
  };
}
