import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits, or less when the signal aborts.
 * @throws the signal's reason when aborted.
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

export type Backoff = { readonly firstMs: number; readonly longestMs: number };

/**
 * Repeats `attempt` until it succeeds, waiting twice as long each time, and at random up to half of that less, so that
 * many clients of a server that comes back don't return at the same instant. `onFailure` decides: return to go on,
 * throw to end.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  onFailure: (error: unknown, waitMs: number) => void,
  { firstMs, longestMs }: Backoff,
  signal?: AbortSignal,
): Promise<T> {
  for (let ceiling = firstMs; ; ceiling = Math.min(ceiling * 2, longestMs)) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const waitMs = Math.round(ceiling * (0.5 + Math.random() / 2));
      onFailure(error, waitMs);
      await pause(waitMs, signal);
    }
  }
}
