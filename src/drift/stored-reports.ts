import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { Database } from "../platform/postgres.ts";
import type { DriftSubject } from "./subject.ts";

/** A model's stored reports, oldest first, those on all channels before those of single ones. */
export async function readStoredReports(
  database: Database,
  { name, version }: DriftSubject["model"],
): Promise<DriftReport[]> {
  const { rows } = await database.query<{ report: DriftReport }>(
    `select report from public.drift_reports where model_name = $1 and model_version = $2
     order by channel <> '*', channel collate "C", window_start`,
    [name, version],
  );
  return rows.map(({ report }) => report);
}

/** Each model's newest report and sliding view on all channels; `at` is when it was made, in milliseconds since 1970. */
export async function readNewest(
  database: Database,
): Promise<{ reports: { report: DriftReport; at: number }[]; provisional: DriftReport[] }> {
  const reports = await database.query<{ report: DriftReport; created_at: Date }>(
    `select distinct on (model_name) report, created_at from public.drift_reports where channel = $1
     order by model_name, window_end desc`,
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
