import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { beginAttempt, endAttempts } from "./attempts.ts";
import type { Entry } from "./entry.ts";
import type { NewDeadLetter, NewRow } from "./record.ts";
import type { Scorable } from "./score.ts";

export const MOST_ATTEMPTS = 3;

/**
 * Scores applications one at a time, so that a bad one can't condemn its neighbours, and gives one up as poison when
 * scoring it alone has failed three times, by an error or by the end of the process. Only the scoring is counted: a
 * server that is away in between is waited for by the caller's `untilServed`.
 */
export async function scoreAlone(
  entries: readonly Scorable[],
  score: (entries: readonly Scorable[]) => Promise<readonly NewRow[]>,
  database: Database,
  untilServed: <T>(query: () => Promise<T>) => Promise<T>,
  log: Logger,
): Promise<NewRow[]> {
  const rows: NewRow[] = [];
  for (const entry of entries) {
    const { sequence } = entry;
    let row: NewRow | undefined;
    while (row === undefined) {
      const attempt = await untilServed(() => beginAttempt(database, sequence));
      if (attempt > MOST_ATTEMPTS) {
        row = poison(entry, "scoring");
      } else {
        try {
          [row] = await score([entry]);
        } catch (error) {
          log.warn({ sequence, attempt, error: messageOf(error) }, "scoring an application alone failed");
        }
      }
    }
    await untilServed(() => endAttempts(database, sequence));
    rows.push(row);
  }
  return rows;
}

/** The dead letter of an application that fails by itself, in the named step. */
export function poison({ sequence, receivedAt }: Entry, step: "scoring" | "storing"): NewDeadLetter {
  const error = `${step} this application alone failed ${MOST_ATTEMPTS} times; look for its sequence in the scorers' logs, mend the cause and requeue it`;
  return { kind: "dead_letter", sequence, receivedAt, rejection: { reason: "poison", error } };
}
