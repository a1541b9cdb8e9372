import type { Database } from "../platform/postgres.ts";

/** An event of a committed transition that is still to be published. */
export type WaitingEvent = {
  readonly id: string;
  readonly subject: string;
  readonly payload: string;
  /** When it was first sent, since when the broker may have it; null when it never was. */
  readonly sent_at: Date | null;
  /** How long ago that was, by the database's clock. */
  readonly sent_ms_ago: number | null;
};

/**
 * The oldest event of each alert, oldest first: the next one of the same alert, be it of its next episode, waits until it
 * is published.
 */
export async function readWaiting(database: Database, limit: number): Promise<WaitingEvent[]> {
  const { rows } = await database.query<WaitingEvent>(
    `select id, subject, payload, sent_at, (extract(epoch from now() - sent_at) * 1000)::float8 as sent_ms_ago
     from (
       select distinct on (coalesce(a.fingerprint, e.alert_id::text)) e.*
       from plumbline.alert_events e left join public.alerts a on a.id = e.alert_id
       order by coalesce(a.fingerprint, e.alert_id::text), e.position
     ) as heads
     order by position limit $1`,
    [limit],
  );
  return rows;
}

/** To be committed before the events are sent; returns those that are still to be: others may have been told meanwhile. */
export async function noteSent(database: Database, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>(
    "update plumbline.alert_events set sent_at = coalesce(sent_at, now()) where id = any($1::uuid[]) returning id",
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

export async function forgetEvents(database: Database, ids: readonly string[]): Promise<void> {
  await database.query("delete from plumbline.alert_events where id = any($1::uuid[])", [ids]);
}
