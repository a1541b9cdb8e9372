import type { ObservationCell, Observers } from "../contracts/observation.ts";
import { bigintArray, textArray, timestampArray } from "../platform/binary-array.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import { MOST_PANES_PER_WINDOW } from "../statistics/panes.ts";
import { OTHER_CHANNELS } from "./counts.ts";
import type { PaneSize } from "./windows.ts";

/** A model's panes of one cut. */
export type PaneKey = { readonly modelId: number; readonly cut: string };

/** The cells of whole panes, from `from` up to and without `to`; with a channel, of it alone. */
export async function readCells(
  client: DatabaseClient,
  { modelId, cut }: PaneKey,
  from: number,
  to: number,
  channel?: string,
): Promise<ObservationCell[]> {
  const { rows } = await client.query<{ channel: string; pane_start: Date; counts: Counts }>(
    `select channel, pane_start, counts from plumbline.drift_panes
     where model_id = $1 and cut = $2 and pane_start >= $3 and pane_start < $4 and ($5::text is null or channel = $5)`,
    [modelId, cut, new Date(from), new Date(to), channel],
  );
  return rows.map(cellOf);
}

/** The cells of the named panes and channels that exist. */
export async function readSameCells(
  client: DatabaseClient,
  { modelId, cut }: PaneKey,
  cells: readonly ObservationCell[],
): Promise<ObservationCell[]> {
  const { rows } = await client.query<{ channel: string; pane_start: Date; counts: Counts }>(
    `select p.channel, p.pane_start, p.counts from plumbline.drift_panes p
     join unnest($3::timestamptz[], $4::text[]) as wanted (pane_start, channel)
       on p.pane_start = wanted.pane_start and p.channel = wanted.channel
     where p.model_id = $1 and p.cut = $2`,
    [modelId, cut, timestampArray(cells.map(({ pane }) => pane)), textArray(cells.map(({ channel }) => channel))],
  );
  return rows.map(cellOf);
}

/** The channels that each of the panes holds already. */
export async function readPaneChannels(
  client: DatabaseClient,
  { modelId, cut }: PaneKey,
  panes: readonly number[],
): Promise<Map<number, Set<string>>> {
  const { rows } = await client.query<{ pane_start: Date; channels: string[] }>(
    `select pane_start, array_agg(channel) as channels from plumbline.drift_panes
     where model_id = $1 and cut = $2 and pane_start = any($3::timestamptz[]) group by pane_start`,
    [modelId, cut, timestampArray(panes)],
  );
  return new Map(rows.map(({ pane_start, channels }) => [pane_start.getTime(), new Set(channels)]));
}

/** Writes cells in the place of those that are there. */
export async function writeCells(
  client: DatabaseClient,
  { modelId, cut }: PaneKey,
  cells: readonly (ObservationCell & { readonly applications: number })[],
): Promise<void> {
  await client.query(
    `insert into plumbline.drift_panes (model_id, cut, pane_start, channel, applications, counts)
     select $1, $2, pane_start, channel, applications, counts::json
     from unnest($3::timestamptz[], $4::text[], $5::int8[], $6::text[]) as cell (pane_start, channel, applications, counts)
     on conflict (model_id, cut, pane_start, channel)
     do update set applications = excluded.applications, counts = excluded.counts`,
    [
      modelId,
      cut,
      timestampArray(cells.map(({ pane }) => pane)),
      textArray(cells.map(({ channel }) => channel)),
      bigintArray(cells.map(({ applications }) => applications)),
      textArray(cells.map(({ slots, values }) => JSON.stringify({ slots, values }))),
    ],
  );
}

/** How many applications lie in each pane from `from` on, in ascending order; with a channel, of it alone. */
export async function readPaneSizes(
  client: DatabaseClient,
  { modelId, cut }: PaneKey,
  from: number,
  channel?: string,
): Promise<PaneSize[]> {
  const { rows } = await client.query<{ pane_start: Date; applications: string }>(
    `select pane_start, sum(applications)::int8 as applications from plumbline.drift_panes
     where model_id = $1 and cut = $2 and ($3::timestamptz is null or pane_start >= $3)
       and ($4::text is null or channel = $4)
     group by pane_start order by pane_start`,
    [modelId, cut, Number.isFinite(from) ? new Date(from) : null, channel],
  );
  return rows.map(({ pane_start, applications }) => ({
    start: pane_start.getTime(),
    applications: Number(applications),
  }));
}

/** The channels with at least so many applications from `from` on: no others can have a window with enough. */
export async function readChannels(
  client: DatabaseClient,
  { modelId, cut }: PaneKey,
  from: number,
  minSamples: number,
): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    `select channel from plumbline.drift_panes
     where model_id = $1 and cut = $2 and ($3::timestamptz is null or pane_start >= $3) and channel <> $5
     group by channel having sum(applications) >= $4`,
    [modelId, cut, Number.isFinite(from) ? new Date(from) : null, minSamples, OTHER_CHANNELS],
  );
  return rows.map(({ channel }) => channel);
}

/** How far back panes are kept: so many windows, and some time more, before the watermark. */
export type Keeping = { readonly watermark: number; readonly windows: number; readonly moreMs: number };

/** Panes of another cut are kept by the width of theirs: a spell of short windows must not take what long ones need. */
const FORGOTTEN =
  "pane_start < $2::timestamptz - (split_part(cut, '+', 1)::float8 * $3 + $4) * interval '1 millisecond'";
const keepingValues = ({ watermark, windows, moreMs }: Keeping) => [
  new Date(watermark),
  windows * MOST_PANES_PER_WINDOW,
  moreMs,
];

/** The channels that have panes of the cut which are to be forgotten. */
export async function fadingChannels(
  client: DatabaseClient,
  { modelId, cut }: PaneKey,
  keeping: Keeping,
): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    `select distinct channel from plumbline.drift_panes where model_id = $1 and ${FORGOTTEN} and cut = $5 and channel <> $6`,
    [modelId, ...keepingValues(keeping), cut, OTHER_CHANNELS],
  );
  return rows.map(({ channel }) => channel);
}

/** Forgets a model's panes, of every cut. */
export async function forgetPanes(client: DatabaseClient, modelId: number, keeping: Keeping): Promise<void> {
  await client.query(`delete from plumbline.drift_panes where model_id = $1 and ${FORGOTTEN}`, [
    modelId,
    ...keepingValues(keeping),
  ]);
}

/** Locks the model's progress for the transaction: one consumer at a time adds to its panes. Returns its watermark. */
export async function lockProgress(client: DatabaseClient, modelId: number): Promise<number | undefined> {
  await client.query("insert into plumbline.drift_progress (model_id) values ($1) on conflict do nothing", [modelId]);
  const { rows } = await client.query<{ watermark: Date | null }>(
    "select watermark from plumbline.drift_progress where model_id = $1 for update",
    [modelId],
  );
  return rows[0]!.watermark?.getTime();
}

export async function writeProgress(
  client: DatabaseClient,
  modelId: number,
  watermark: number | undefined,
  late: number,
): Promise<void> {
  await client.query(
    `update plumbline.drift_progress set watermark = coalesce($2, watermark), late_applications = late_applications + $3
     where model_id = $1`,
    [modelId, watermark === undefined ? null : new Date(watermark), late],
  );
}

/** A scorer that was silent for so long, while others were not, is waited for no longer. */
const ACTIVE_MS = 10_000;

/**
 * Notes what each scorer has seen; returns the least of the latest event times of those active in the last ten seconds,
 * counted back from the newest word of any: so it comes out the same when the words are read late.
 */
export async function noteObservers(
  client: DatabaseClient,
  modelId: number,
  observers: Observers,
): Promise<number | undefined> {
  for (const [observer, { latest, at }] of Object.entries(observers).sort()) {
    await client.query(
      `insert into plumbline.drift_observers as o (model_id, observer, latest_event_at, seen_at) values ($1, $2, $3, $4)
       on conflict (model_id, observer) do update set
         latest_event_at = greatest(o.latest_event_at, excluded.latest_event_at),
         seen_at = greatest(o.seen_at, excluded.seen_at)`,
      [modelId, observer, new Date(latest), new Date(at)],
    );
  }
  const { rows } = await client.query<{ least: Date | null }>(
    `with newest as (select max(seen_at) as at from plumbline.drift_observers where model_id = $1),
     forgotten as (
       delete from plumbline.drift_observers o using newest
       where o.model_id = $1 and o.seen_at < newest.at - interval '1 day')
     select min(latest_event_at) as least from plumbline.drift_observers o, newest
     where o.model_id = $1 and o.seen_at >= newest.at - $2 * interval '1 millisecond'`,
    [modelId, ACTIVE_MS],
  );
  return rows[0]!.least?.getTime();
}

type Counts = Pick<ObservationCell, "slots" | "values">;

function cellOf({
  channel,
  pane_start,
  counts,
}: {
  channel: string;
  pane_start: Date;
  counts: Counts;
}): ObservationCell {
  return { channel, pane: pane_start.getTime(), ...counts };
}
