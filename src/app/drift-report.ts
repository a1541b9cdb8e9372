import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import { reportsFromRecord } from "../drift/from-record.ts";
import type { DriftSettings } from "../drift/settings.ts";
import { readStoredReports } from "../drift/stored-reports.ts";
import { findSubject } from "../drift/subjects.ts";
import { OperatorError } from "../platform/errors.ts";
import type { Database } from "../platform/postgres.ts";
import { timeGrid } from "../statistics/panes.ts";
import type { Environment } from "./environment.ts";

export type ReportOptions = {
  readonly model?: string | undefined;
  /** Milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Milliseconds. */
  readonly window?: number | undefined;
  readonly finish: boolean;
  readonly signal: AbortSignal;
};

/** A page of more is read by nobody; older ones are in public.drift_reports, or made again with --from and --to. */
const NEWEST_WINDOWS = 100;

/**
 * A model's reports, oldest first, those on all channels before those of single ones: the newest stored ones; or, when the options
 * ask for a period, a window or the last window, made again from the stored applications.
 * @throws OperatorError when there are no applications to report on.
 */
export async function driftReports(
  database: Database,
  environment: Environment,
  options: ReportOptions,
): Promise<{ reports: DriftReport[]; reference: ReferenceProfile; settings: DriftSettings }> {
  const { from, to, window, finish, signal } = options;
  const subject = await findSubject(database, options.model);
  const { reference, model, settings } = subject;
  const isAgain = finish || from !== undefined || to !== undefined || window !== undefined;
  if (!isAgain) return { reports: await readStoredReports(database, model, NEWEST_WINDOWS), reference, settings };
  const grid = timeGrid(from ?? environment.DRIFT_ORIGIN, window ?? environment.DRIFT_WINDOW);
  const { DRIFT_MIN_SAMPLES: minSamples, DRIFT_LATENESS: latenessMs } = environment;
  const reports = await reportsFromRecord(database, {
    subject,
    grid,
    minSamples,
    latenessMs,
    from,
    to,
    finish,
    signal,
  });
  if (!reports.some(({ channel }) => channel === ALL_CHANNELS)) {
    throw new OperatorError(
      `there is no closed window of model ${model.name} to report on. Choose another period, a smaller --window, or --finish to judge what there is.`,
    );
  }
  return { reports, reference, settings };
}
