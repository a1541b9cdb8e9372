import type { ObservationCell, Observers } from "../contracts/observation.ts";
import type { Database, DatabaseClient } from "../platform/postgres.ts";

export type IntakeRow = {
  readonly model_id: number;
  readonly pane_ms: number;
  readonly observers: Observers;
  readonly cells: readonly ObservationCell[];
};

type RawRow = Omit<IntakeRow, "pane_ms"> & { readonly pane_ms: string };

/**
 * Takes observations away by their ids; those that somebody has taken are left out. Locked in order, so that two consumers
 * with the same ids wait for each other instead of deadlocking.
 */
export async function takeByIds(client: DatabaseClient, ids: readonly string[]): Promise<IntakeRow[]> {
  const { rows } = await client.query<RawRow>(
    `delete from plumbline.observation_messages where id in (
       select id from plumbline.observation_messages where id = any($1::uuid[]) order by id for update)
     returning model_id, pane_ms, observers, cells`,
    [ids],
  );
  return rows.map((row) => ({ ...row, pane_ms: Number(row.pane_ms) }));
}

/** The ids of those that are there still, one list per model. */
export async function idsByModel(database: Database, ids: readonly string[]): Promise<string[][]> {
  const { rows } = await database.query<{ ids: string[] }>(
    `select array_agg(id) as ids from plumbline.observation_messages where id = any($1::uuid[])
     group by model_id order by model_id`,
    [ids],
  );
  return rows.map((row) => row.ids);
}

/**
 * The ids of observations that were written so long ago that their messages should have come, at most `limit` per model:
 * those of one that can't be judged stay, and must not stand before the others'.
 */
export async function waitingIds(database: Database, olderThanMs: number, limit: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id from (
       select id, row_number() over (partition by model_id order by created_at) as place
       from plumbline.observation_messages where created_at <= now() - $1 * interval '1 millisecond') as waiting
     where place <= $2`,
    [olderThanMs, limit],
  );
  return rows.map(({ id }) => id);
}

/** The names of models that scorers have counts of which they haven't passed on. */
export async function unpassedModels(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    "select name || ' ' || version as name from public.models where id in (select model_id from plumbline.observations)",
  );
  return rows.map(({ name }) => name);
}

export async function readEvents(
  database: Database,
  limit: number,
): Promise<{ id: string; subject: string; payload: string }[]> {
  const { rows } = await database.query<{ id: string; subject: string; payload: string }>(
    "select id, subject, payload from plumbline.outgoing_events order by position limit $1",
    [limit],
  );
  return rows;
}

export async function forgetEvents(database: Database, ids: readonly string[]): Promise<void> {
  await database.query("delete from plumbline.outgoing_events where id = any($1::uuid[])", [ids]);
}
