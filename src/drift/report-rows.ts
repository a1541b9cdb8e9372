import type { DriftReport } from "../contracts/drift-report.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import type { DriftSubject } from "./subject.ts";

type Model = DriftSubject["model"];

/** The reports of a model on one channel that end after `after`, oldest first. */
export async function readReportsAfter(
  client: DatabaseClient,
  { name, version }: Model,
  channel: string,
  after: number,
): Promise<DriftReport[]> {
  const { rows } = await client.query<{ report: DriftReport }>(
    `select report from public.drift_reports where model_name = $1 and model_version = $2 and channel = $3
       and ($4::timestamptz is null or window_end > $4) order by window_start`,
    [name, version, channel, Number.isFinite(after) ? new Date(after) : null],
  );
  return rows.map(({ report }) => report);
}

/** The newest reports with a verdict whose windows end at `until` or before, newest first. */
export async function readJudgedBefore(
  client: DatabaseClient,
  { name, version }: Model,
  channel: string,
  until: number,
  limit: number,
): Promise<DriftReport[]> {
  const { rows } = await client.query<{ report: DriftReport }>(
    `select report from public.drift_reports where model_name = $1 and model_version = $2 and channel = $3
       and status = 'judged' and window_end <= $4 order by window_end desc limit $5`,
    [name, version, channel, new Date(until), limit],
  );
  return rows.map(({ report }) => report);
}

/**
 * Where the last window ends that ends at `until` or before; undefined when there is none. One with too few applications
 * that is shorter than the longest was closed because nothing more was to come: it doesn't stand when more does.
 */
export async function lastEnd(
  client: DatabaseClient,
  { name, version }: Model,
  channel: string,
  longestMs: number,
  until: number,
): Promise<number | undefined> {
  const { rows } = await client.query<{ last: Date | null }>(
    `select max(window_end) as last from public.drift_reports
     where model_name = $1 and model_version = $2 and channel = $3 and ($4::timestamptz is null or window_end <= $4)
       and (status = 'judged' or window_end - window_start >= $5 * interval '1 millisecond')`,
    [name, version, channel, Number.isFinite(until) ? new Date(until) : null, longestMs],
  );
  return rows[0]!.last?.getTime();
}

/** Writes a report in the place of the one of the same model, channel and window. */
export async function writeReport(client: DatabaseClient, report: DriftReport): Promise<void> {
  const { model, channel, window } = report;
  await client.query(
    `insert into public.drift_reports (model_name, model_version, channel, window_start, window_end, revision, status,
       severity, applications, drift_score, drifted_feature_ratio, report)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (model_name, model_version, channel, window_start, window_end) do update set
       revision = excluded.revision, status = excluded.status, severity = excluded.severity,
       applications = excluded.applications, drift_score = excluded.drift_score,
       drifted_feature_ratio = excluded.drifted_feature_ratio, report = excluded.report, created_at = now()`,
    [
      model.name,
      model.version,
      channel,
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

/** Removes a report and keeps the revision under which that is told. */
export async function withdrawReport(client: DatabaseClient, report: DriftReport, revision: number): Promise<void> {
  const { model, channel, window } = report;
  await client.query(
    `with gone as (
       delete from public.drift_reports
       where model_name = $1 and model_version = $2 and channel = $3 and window_start = $4 and window_end = $5)
     insert into plumbline.drift_withdrawn (model_name, model_version, channel, window_start, window_end, revision)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (model_name, model_version, channel, window_start, window_end)
     do update set revision = excluded.revision`,
    [model.name, model.version, channel, window.start, window.end, revision],
  );
}

/** The revision under which the report of a window was withdrawn, which is forgotten; 0 when it never was. */
export async function takeWithdrawn(client: DatabaseClient, { model, channel, window }: DriftReport): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    `delete from plumbline.drift_withdrawn
     where model_name = $1 and model_version = $2 and channel = $3 and window_start = $4 and window_end = $5
     returning revision`,
    [model.name, model.version, channel, window.start, window.end],
  );
  return rows[0]?.revision ?? 0;
}

export async function writeProvisional(client: DatabaseClient, report: DriftReport): Promise<void> {
  await client.query(
    `insert into public.drift_provisional (model_name, model_version, channel, report) values ($1, $2, $3, $4)
     on conflict (model_name, model_version, channel) do update set report = excluded.report, updated_at = now()`,
    [report.model.name, report.model.version, report.channel, JSON.stringify(report)],
  );
}

/** An event to be published once the transaction has been committed. */
export async function writeEvent(client: DatabaseClient, subject: string, payload: string): Promise<void> {
  await client.query("insert into plumbline.outgoing_events (subject, payload) values ($1, $2)", [subject, payload]);
}
