import { ALL_CHANNELS, type DriftReport } from "../../contracts/drift-report.ts";
import type { ReferenceProfile } from "../../contracts/reference-profile.ts";
import type { Database } from "../../platform/postgres.ts";
import type { Page } from "./paging.ts";

export type DriftFilter = { readonly model?: string | undefined; readonly channel?: string | undefined };

/** A report as lists show it. */
export type DriftSummary = Omit<DriftReport, "features" | "quality"> & {
  readonly id: number;
  readonly created_at: string;
  readonly features: readonly object[];
};

/**
 * Reports, newest window first, without the counts of bins and the quality checks; a few more than asked for when
 * several models' windows end together.
 * @returns `next`, the position that the next page begins before; undefined when there is none.
 */
export async function readDriftReports(
  database: Database,
  { model, channel = ALL_CHANNELS }: DriftFilter,
  { limit, before }: Page,
): Promise<{ reports: DriftSummary[]; next: number | undefined }> {
  const { rows } = await database.query<{ id: string; created_at: Date; window_end: Date; report: DriftReport }>(
    `select id, created_at, window_end, report from public.drift_reports
     where channel = $1 and ($2::text is null or model_name = $2)
       and ($3::float8 is null or window_end < to_timestamp($3 / 1000))
     order by window_end desc fetch first $4 rows with ties`,
    [channel, model, before, limit],
  );
  const reports = rows.map(({ id, created_at, report: { quality: _, features, ...report } }) => ({
    ...report,
    id: Number(id),
    created_at: created_at.toISOString(),
    features: features.map(({ counts: __, ...feature }) => feature),
  }));
  return { reports, next: rows.length >= limit ? rows.at(-1)!.window_end.getTime() : undefined };
}

/** The sliding view between verdicts; undefined when there is none. */
export async function readProvisional(
  database: Database,
  { model, channel = ALL_CHANNELS }: DriftFilter,
): Promise<DriftReport | undefined> {
  const { rows } = await database.query<{ report: DriftReport }>(
    `select report from public.drift_provisional where channel = $1 and ($2::text is null or model_name = $2)
     order by updated_at desc limit 1`,
    [channel, model],
  );
  return rows[0]?.report;
}

/** A whole report, and the profile that it compares with. */
export async function readDriftReport(
  database: Database,
  id: number,
): Promise<{ report: DriftReport; reference: ReferenceProfile | null } | undefined> {
  const { rows } = await database.query<{ report: DriftReport; reference: ReferenceProfile | null }>(
    `select r.report, m.reference from public.drift_reports r
     left join public.models m on m.name = r.model_name and m.version = r.model_version where r.id = $1`,
    [id],
  );
  return rows[0];
}

/** The newest report on all channels of any model, and when it was made. */
export async function readNewestReport(
  database: Database,
): Promise<{ report: DriftReport; reportedAt: Date } | undefined> {
  const { rows } = await database.query<{ report: DriftReport; created_at: Date }>(
    "select report, created_at from public.drift_reports where channel = $1 order by window_end desc, id desc limit 1",
    [ALL_CHANNELS],
  );
  return rows[0] && { report: rows[0].report, reportedAt: rows[0].created_at };
}
