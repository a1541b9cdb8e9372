import { bigintArray } from "../platform/binary-array.ts";
import type { Database } from "../platform/postgres.ts";

/**
 * Counts, in the record, how often an application was scored alone without an end to it. A counter in memory would not
 * survive the one thing it is for: an application that kills its scorer.
 */

/** The attempts noted so far, by sequence; without an entry there was none. */
export async function readAttempts(database: Database, sequences: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await database.query<{ sequence: string; attempts: number }>(
    "select sequence, attempts from plumbline.scoring_attempts where sequence = any($1::int8[])",
    [bigintArray(sequences)],
  );
  return new Map(rows.map(({ sequence, attempts }) => [Number(sequence), attempts]));
}

/** Notes that an attempt begins, by its number from 1: noted again, because the answer was lost, it still counts once. */
export async function noteAttempt(database: Database, sequence: number, attempt: number): Promise<void> {
  await database.query(
    `insert into plumbline.scoring_attempts as a (sequence, attempts) values ($1, $2)
     on conflict (sequence) do update set attempts = greatest(a.attempts, excluded.attempts), last_attempt_at = now()`,
    [sequence, attempt],
  );
}

/** Forgets the attempts of an application that came to an end. */
export async function forgetAttempts(database: Database, sequence: number): Promise<void> {
  await database.query("delete from plumbline.scoring_attempts where sequence = $1", [sequence]);
}
