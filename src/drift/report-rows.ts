import type { DriftReport } from "../contracts/drift-report.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import type { PlannedWindow } from "./windows.ts";

/** The windows of a model on one channel, of one cut of time: what was judged of each depends on those before it. */
export type Chain = {
  readonly model: DriftReport["model"];
  /** Or ALL_CHANNELS. */
  readonly channel: string;
  readonly cut: string;
};

/** A window that was closed before; without a revision where it had too few applications for a report. */
export type ClosedWindow = { readonly start: number; readonly end: number; readonly revision: number | undefined };

const CHAIN = "model_name = $1 and model_version = $2 and channel = $3 and cut = $4";
const valuesOf = ({ model, channel, cut }: Chain) => [model.name, model.version, channel, cut];

/** The windows that end after `after`, oldest first. */
export async function readClosed(client: DatabaseClient, chain: Chain, after: number): Promise<ClosedWindow[]> {
  const { rows } = await client.query<{ window_start: Date; window_end: Date; revision: number | null }>(
    `select window_start, window_end, revision from public.drift_reports
       where ${CHAIN} and ($5::timestamptz is null or window_end > $5)
     union all
     select window_start, window_end, null from plumbline.drift_insufficient
       where ${CHAIN} and ($5::timestamptz is null or window_end > $5)
     order by window_start`,
    [...valuesOf(chain), Number.isFinite(after) ? new Date(after) : null],
  );
  return rows.map(({ window_start, window_end, revision }) => ({
    start: window_start.getTime(),
    end: window_end.getTime(),
    revision: revision ?? undefined,
  }));
}

export async function readReport(
  client: DatabaseClient,
  chain: Chain,
  { start, end }: Pick<ClosedWindow, "start" | "end">,
): Promise<DriftReport> {
  const { rows } = await client.query<{ report: DriftReport }>(
    `select report from public.drift_reports where ${CHAIN} and window_start = $5 and window_end = $6`,
    [...valuesOf(chain), new Date(start), new Date(end)],
  );
  return rows[0]!.report;
}

/** The newest reports with a verdict whose windows end at `until` or before, newest first. */
export async function readJudgedBefore(
  client: DatabaseClient,
  chain: Chain,
  until: number,
  limit: number,
): Promise<DriftReport[]> {
  const { rows } = await client.query<{ report: DriftReport }>(
    `select report from public.drift_reports where ${CHAIN} and status = 'judged' and window_end <= $5
     order by window_end desc limit $6`,
    [...valuesOf(chain), new Date(until), limit],
  );
  return rows.map(({ report }) => report);
}

/**
 * Where the last window ends that ends at `until` or before; undefined when there is none. One with too few applications
 * that is shorter than the longest was closed because nothing more was to come: it doesn't stand when more does.
 */
export async function lastEnd(
  client: DatabaseClient,
  chain: Chain,
  longestMs: number,
  until: number,
): Promise<number | undefined> {
  const { rows } = await client.query<{ last: Date | null }>(
    `select max(window_end) as last from (
       select window_end from public.drift_reports
       where ${CHAIN} and (status = 'judged' or window_end - window_start >= $6 * interval '1 millisecond')
       union all
       select window_end from plumbline.drift_insufficient where ${CHAIN}) as standing
     where $5::timestamptz is null or window_end <= $5`,
    [...valuesOf(chain), Number.isFinite(until) ? new Date(until) : null, longestMs],
  );
  return rows[0]!.last?.getTime();
}

/** Writes a report in the place of the one of the same window. */
export async function writeReport(client: DatabaseClient, chain: Chain, report: DriftReport): Promise<void> {
  const { window } = report;
  await client.query(
    `insert into public.drift_reports (model_name, model_version, channel, cut, window_start, window_end, revision, status,
       severity, applications, drift_score, drifted_feature_ratio, report)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (model_name, model_version, channel, cut, window_start, window_end) do update set
       revision = excluded.revision, status = excluded.status, severity = excluded.severity,
       applications = excluded.applications, drift_score = excluded.drift_score,
       drifted_feature_ratio = excluded.drifted_feature_ratio, report = excluded.report, created_at = now()`,
    [
      ...valuesOf(chain),
      window.start,
      window.end,
      report.revision,
      report.status,
      report.severity,
      report.applications,
      report.drift_score,
      report.drifted_feature_ratio,
      JSON.stringify(report),
    ],
  );
}

/** Removes a window's report and keeps the revision under which that is told. */
export async function withdrawReport(
  client: DatabaseClient,
  chain: Chain,
  { start, end }: ClosedWindow,
  revision: number,
): Promise<void> {
  await client.query(
    `with gone as (delete from public.drift_reports where ${CHAIN} and window_start = $5 and window_end = $6)
     insert into plumbline.drift_withdrawn (model_name, model_version, channel, cut, window_start, window_end, revision)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (model_name, model_version, channel, cut, window_start, window_end)
     do update set revision = excluded.revision`,
    [...valuesOf(chain), new Date(start), new Date(end), revision],
  );
}

/** The revision under which the report of a window was withdrawn, which is forgotten; 0 when it never was. */
export async function takeWithdrawn(client: DatabaseClient, chain: Chain, window: PlannedWindow): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    `delete from plumbline.drift_withdrawn where ${CHAIN} and window_start = $5 and window_end = $6 returning revision`,
    [...valuesOf(chain), new Date(window.start), new Date(window.end)],
  );
  return rows[0]?.revision ?? 0;
}

/** Remembers that a window closed with too few applications for a report: the next one begins after it. */
export async function writeInsufficient(client: DatabaseClient, chain: Chain, window: PlannedWindow): Promise<void> {
  await client.query(
    `insert into plumbline.drift_insufficient (model_name, model_version, channel, cut, window_start, window_end)
     values ($1, $2, $3, $4, $5, $6)`,
    [...valuesOf(chain), new Date(window.start), new Date(window.end)],
  );
}

export async function forgetInsufficient(client: DatabaseClient, chain: Chain, window: ClosedWindow): Promise<void> {
  await client.query(
    `delete from plumbline.drift_insufficient where ${CHAIN} and window_start = $5 and window_end = $6`,
    [...valuesOf(chain), new Date(window.start), new Date(window.end)],
  );
}

export async function writeProvisional(client: DatabaseClient, report: DriftReport): Promise<void> {
  await client.query(
    `insert into public.drift_provisional (model_name, model_version, channel, report) values ($1, $2, $3, $4)
     on conflict (model_name, model_version, channel) do update set report = excluded.report, updated_at = now()`,
    [report.model.name, report.model.version, report.channel, JSON.stringify(report)],
  );
}

export async function clearProvisional(
  client: DatabaseClient,
  model: DriftReport["model"],
  channel: string,
): Promise<void> {
  await client.query(
    "delete from public.drift_provisional where model_name = $1 and model_version = $2 and channel = $3",
    [model.name, model.version, channel],
  );
}

/** An event to be published once the transaction has been committed. */
export async function writeEvent(client: DatabaseClient, subject: string, payload: string): Promise<void> {
  await client.query("insert into plumbline.outgoing_events (subject, payload) values ($1, $2)", [subject, payload]);
}
