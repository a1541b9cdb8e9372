import { messageOf, OperatorError } from "../platform/errors.ts";
import { type Database, isDatabaseOutage } from "../platform/postgres.ts";

/** Those of the dead letters (sequences in APPLICATIONS) that were requeued before. */
export async function findRequeued(database: Database, sequences: readonly number[]): Promise<Set<number>> {
  const { rows } = await answered(
    database.query<{ sequence: string }>(
      "select sequence from plumbline.applications where sequence = any($1::int8[]) and requeued_at is not null",
      [sequences],
    ),
  );
  return new Set(rows.map(({ sequence }) => Number(sequence)));
}

/** Marks dead letters as requeued: a late redelivery of the original message then doesn't bring them back. */
export async function markRequeued(database: Database, sequences: readonly number[]): Promise<void> {
  await answered(
    database.query(
      `update plumbline.applications set requeued_at = now()
       where sequence = any($1::int8[]) and dead_letter_reason is not null and requeued_at is null`,
      [sequences],
    ),
  );
}

const NO_SUCH_TABLE = "42P01";

async function answered<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if ((error as { code?: string }).code === NO_SUCH_TABLE) {
      throw new OperatorError("the database isn't migrated: run `plumbline migrate`, or check DATABASE_URL.", {
        cause: error,
      });
    }
    if (!isDatabaseOutage(error)) throw error;
    throw new OperatorError(
      `PostgreSQL went away: ${messageOf(error)}. Nothing is lost; requeue again when it is back.`,
      { cause: error },
    );
  }
}
