import type { Database } from "../platform/postgres.ts";

/** An event of a committed transition that is still to be published. */
export type WaitingEvent = {
  readonly id: string;
  readonly subject: string;
  readonly payload: string;
  /** When it was last sent; null when it never was. */
  readonly sent_at: Date | null;
  /** How long ago that was, by the database's clock. */
  readonly sent_ms_ago: number | null;
};

/** The oldest event of each alert, oldest first: the next one of the same alert waits until it is published. */
export async function readWaiting(database: Database, limit: number): Promise<WaitingEvent[]> {
  const { rows } = await database.query<WaitingEvent>(
    `select id, subject, payload, sent_at, (extract(epoch from now() - sent_at) * 1000)::float8 as sent_ms_ago
     from (select distinct on (alert_id) * from plumbline.alert_events order by alert_id, position) as heads
     order by position limit $1`,
    [limit],
  );
  return rows;
}

/** To be committed before the events are sent. */
export async function noteSent(database: Database, ids: readonly string[]): Promise<void> {
  await database.query("update plumbline.alert_events set sent_at = now() where id = any($1::uuid[])", [ids]);
}

export async function forgetEvents(database: Database, ids: readonly string[]): Promise<void> {
  await database.query("delete from plumbline.alert_events where id = any($1::uuid[])", [ids]);
}
