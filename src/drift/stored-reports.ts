import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { Database } from "../platform/postgres.ts";
import type { DriftSubject } from "./subject.ts";

/**
 * A model's stored reports, oldest first, those on all channels before those of single ones.
 * @param newest of each channel only so many, and of the windows that are in use now.
 */
export async function readStoredReports(
  database: Database,
  { name, version }: DriftSubject["model"],
  newest?: number,
): Promise<DriftReport[]> {
  const { rows } = await database.query<{ report: DriftReport }>(
    `select r.report from (
       select id, row_number() over (partition by channel order by window_end desc, window_start desc) as place
       from public.drift_reports where model_name = $1 and model_version = $2 and ($3::int is null or cut = (
         select cut from public.drift_reports where model_name = $1 and model_version = $2
         order by created_at desc, id desc limit 1))) as ranked
     join public.drift_reports r using (id) where $3::int is null or place <= $3
     order by r.channel <> '*', r.channel collate "C", r.window_start, r.window_end`,
    [name, version, newest],
  );
  return rows.map(({ report }) => report);
}

/** Each model's newest report and sliding view on all channels; `at` is when it was made, in milliseconds since 1970. */
export async function readNewest(
  database: Database,
): Promise<{ reports: { report: DriftReport; at: number }[]; provisional: DriftReport[] }> {
  const reports = await database.query<{ report: DriftReport; created_at: Date }>(
    `select newest.report, newest.created_at from (select distinct name from public.models) as model
     cross join lateral (
       select report, created_at from public.drift_reports where model_name = model.name and channel = $1
       order by window_end desc limit 1) as newest`,
    [ALL_CHANNELS],
  );
  const provisional = await database.query<{ report: DriftReport }>(
    `select distinct on (model_name) report from public.drift_provisional where channel = $1
     order by model_name, updated_at desc`,
    [ALL_CHANNELS],
  );
  return {
    reports: reports.rows.map(({ report, created_at }) => ({ report, at: created_at.getTime() })),
    provisional: provisional.rows.map(({ report }) => report),
  };
}
