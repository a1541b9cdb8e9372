import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { forgetAttempts, noteAttempt, readAttempts } from "./attempts.ts";
import type { Entry } from "./entry.ts";
import type { NewDeadLetter, NewRow } from "./record.ts";
import type { Scorable } from "./score.ts";

export const MOST_ATTEMPTS = 3;

export type IsolationParts = {
  readonly score: (entries: readonly Scorable[]) => Promise<readonly NewRow[]>;
  readonly database: Database;
  /** Only the scoring is counted: a server that is away in between is waited for. */
  readonly untilServed: <T>(query: () => Promise<T>) => Promise<T>;
  readonly log: Logger;
};

/**
 * Returns the step that scores applications one at a time, so that a bad one can't condemn its neighbours, and gives
 * one up as poison when scoring it alone has failed three times, by an error or by the end of the process.
 */
export function createIsolation({ score, database, untilServed, log }: IsolationParts) {
  let lastTurn: Promise<unknown> = Promise.resolve();

  return async function scoreAlone(entries: readonly Scorable[]): Promise<NewRow[]> {
    const rows: NewRow[] = [];
    if (entries.length === 0) return rows;
    const noted = await untilServed(() =>
      readAttempts(
        database,
        entries.map(({ sequence }) => sequence),
      ),
    );
    for (const entry of entries) rows.push(await inTurn(() => scoreOne(entry, noted.get(entry.sequence) ?? 0)));
    return rows;
  };

  /**
   * One attempt at a time in the whole process, whatever the number of batches: if it dies, exactly one application is
   * blamed, the one that was being scored.
   */
  function inTurn(work: () => Promise<NewRow>): Promise<NewRow> {
    const turn = lastTurn.then(work);
    lastTurn = turn.catch(() => {});
    return turn;
  }

  async function scoreOne(entry: Scorable, notedAttempts: number): Promise<NewRow> {
    const { sequence } = entry;
    let row: NewRow | undefined;
    for (let attempt = notedAttempts + 1; row === undefined && attempt <= MOST_ATTEMPTS; attempt++) {
      await untilServed(() => noteAttempt(database, sequence, attempt));
      try {
        [row] = await score([entry]);
      } catch (error) {
        log.warn({ sequence, attempt, error: messageOf(error) }, "scoring an application alone failed");
      }
    }
    await untilServed(() => forgetAttempts(database, sequence));
    return row ?? poison(entry, "scoring");
  }
}

/** The dead letter of an application that fails by itself, in the named step. */
export function poison({ sequence, receivedAt, content }: Entry, step: "scoring" | "storing"): NewDeadLetter {
  const error = `${step} this application alone failed ${MOST_ATTEMPTS} times; look for its sequence in the scorers' logs, mend the cause and requeue it`;
  return {
    kind: "dead_letter",
    sequence,
    receivedAt,
    rejection: { reason: "poison", error },
    channel: content.channel,
  };
}
