import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import { isDatabaseOutage } from "./postgres.ts";
import { retry } from "./retry.ts";

/** How long an outage is waited for: until the signal, with a log line for each attempt. */
export type Waiting = { readonly log: Logger; readonly signal: AbortSignal };

const BACKOFF = { firstMs: 250, longestMs: 5_000 };

/**
 * Runs statements that may be repeated, again and again while the database is away. Their other errors are the caller's.
 * @throws the signal's reason when aborted.
 */
export function untilServed<T>(statements: () => Promise<T>, { log, signal }: Waiting): Promise<T> {
  const wait = (error: unknown, waitMs: number) => {
    if (!isDatabaseOutage(error)) throw error;
    log.warn({ error: messageOf(error), waitMs }, "PostgreSQL is away, waiting");
  };
  return retry(statements, wait, BACKOFF, signal);
}
