import type { ObservationCell, Observers } from "../contracts/observation.ts";
import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import type { Database, DatabaseClient } from "../platform/postgres.ts";
import { STORED_COLUMNS, type StoredMessage } from "../statistics/stored-observations.ts";

/** Counts of one batch; or, in place of its cells, the sequences that are still to be counted. */
export type ObservationRow = {
  readonly id: string;
  readonly model_id: number;
  readonly observer: string;
  readonly latest_event_at: Date | null;
  readonly pane_ms: string;
  readonly pane_offset_ms: string;
  readonly cells: readonly ObservationCell[] | null;
  readonly owed: readonly string[] | null;
  readonly created_at: Date;
};

/** Merged counts on their way to the drift consumer. */
export type ObservationMessage = {
  readonly model_id: number;
  readonly pane_ms: number;
  readonly observers: Observers;
  readonly cells: readonly ObservationCell[];
};

/**
 * Takes rows away for the length of the transaction, but for those of the ids in `without`, and those that another scorer
 * is taking.
 */
export async function takeRows(
  client: DatabaseClient,
  without: readonly string[],
  limit: number,
): Promise<ObservationRow[]> {
  const { rows } = await client.query<ObservationRow>(
    `delete from plumbline.observations where id in (
       select id from plumbline.observations where id <> all($1::int8[])
       order by id limit $2 for update skip locked)
     returning id, model_id, observer, latest_event_at, pane_ms, pane_offset_ms, cells, owed, created_at`,
    [without, limit],
  );
  return rows;
}

/** Takes away messages that were published, or could not be, so long ago that they seem lost. */
export async function takeLostMessages(
  client: DatabaseClient,
  olderThanMs: number,
  limit: number,
): Promise<ObservationMessage[]> {
  const { rows } = await client.query<ObservationMessage & { pane_ms: string }>(
    `delete from plumbline.observation_messages where id in (
       select id from plumbline.observation_messages
       where coalesce(published_at, created_at) < now() - $1 * interval '1 millisecond'
       order by created_at limit $2 for update skip locked)
     returning model_id, pane_ms, observers, cells`,
    [olderThanMs, limit],
  );
  return rows.map((row) => ({ ...row, pane_ms: Number(row.pane_ms) }));
}

/** What the record holds of sequences. */
export async function readOwed(client: DatabaseClient, sequences: readonly string[]): Promise<StoredMessage[]> {
  const { rows } = await client.query<StoredMessage>(
    `select ${STORED_COLUMNS} from plumbline.applications where sequence = any($1::int8[])`,
    [sequences],
  );
  return rows;
}

/** Writes a message and returns the id that it is to be published under. */
export async function insertMessage(client: DatabaseClient, message: ObservationMessage): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into plumbline.observation_messages (model_id, pane_ms, observers, cells) values ($1, $2, $3, $4) returning id`,
    [message.model_id, message.pane_ms, JSON.stringify(message.observers), JSON.stringify(message.cells)],
  );
  return rows[0]!.id;
}

export async function notePublished(database: Database, ids: readonly string[]): Promise<void> {
  await database.query("update plumbline.observation_messages set published_at = now() where id = any($1::uuid[])", [
    ids,
  ]);
}

export async function readModelNames(
  database: Database,
): Promise<Map<number, { name: string; version: string; bundle_sha256: string }>> {
  const { rows } = await database.query<{ id: number; name: string; version: string; bundle_sha256: string }>(
    "select id, name, version, bundle_sha256 from public.models",
  );
  return new Map(rows.map(({ id, ...model }) => [id, model]));
}

/** What counting for a registered model needs; a reference is missing only where no scorer of today has had the bundle. */
export async function readModel(
  client: DatabaseClient,
  modelId: number,
): Promise<{ manifest: string; reference: ReferenceProfile | null }> {
  const { rows } = await client.query<{ manifest: string; reference: ReferenceProfile | null }>(
    "select manifest::text as manifest, reference from public.models where id = $1",
    [modelId],
  );
  return rows[0]!;
}
