import { OperatorError } from "../platform/errors.ts";
import type { Database } from "../platform/postgres.ts";

export type StreamIdentity = {
  /** When the broker made the stream; another time means another stream. */
  readonly createdAt: string;
  readonly lastSequence: number;
};

/**
 * Makes sure that the sequences in the record are those of this stream. A stream that was made anew counts from 1
 * again, and its messages would be taken for redeliveries of old ones. The record is read before the stream: other
 * scorers go on while this one starts, and what they record in between must not look like the future.
 * @throws OperatorError when the stream restarts its sequence under an existing database.
 */
export async function verifyStreamIdentity(
  database: Database,
  name: string,
  readStream: () => Promise<StreamIdentity>,
): Promise<void> {
  const { rows } = await database.query<{ created_at: string | null; last: string | null }>(
    `select (select created_at from plumbline.streams where name = $1) as created_at,
            (select max(sequence) from plumbline.applications) as last`,
    [name],
  );
  const recorded = rows[0]!.created_at;
  const lastRecorded = Number(rows[0]!.last ?? 0);
  const { createdAt, lastSequence } = await readStream();
  const isOther = recorded !== null && recorded !== createdAt;
  if (lastRecorded > 0 && (isOther || lastRecorded > lastSequence)) {
    throw new OperatorError(
      `stream ${name} was made anew (last sequence ${lastSequence}) under a database that has accounted for sequences up to ${lastRecorded}. Restore the broker's data, or point DATABASE_URL at a new database.`,
    );
  }
  await database.query(
    `insert into plumbline.streams (name, created_at) values ($1, $2)
     on conflict (name) do update set created_at = excluded.created_at`,
    [name, createdAt],
  );
}
