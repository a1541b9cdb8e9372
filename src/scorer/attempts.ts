import type { Database } from "../platform/postgres.ts";

/**
 * Counts, in the record, how often an application was scored alone without an end to it. A counter in memory would not
 * survive the one thing it is for: an application that kills its scorer.
 */

/** Begins an attempt; returns which one it is, from 1. */
export async function beginAttempt(database: Database, sequence: number): Promise<number> {
  const { rows } = await database.query<{ attempts: number }>(
    `insert into plumbline.scoring_attempts as a (sequence, attempts) values ($1, 1)
     on conflict (sequence) do update set attempts = a.attempts + 1, last_attempt_at = now()
     returning attempts`,
    [sequence],
  );
  return rows[0]!.attempts;
}

/** Forgets the attempts of an application that came to an end. */
export async function endAttempts(database: Database, sequence: number): Promise<void> {
  await database.query("delete from plumbline.scoring_attempts where sequence = $1", [sequence]);
}
