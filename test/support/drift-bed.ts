import { ALL_CHANNELS, type DriftReport } from "../../src/contracts/drift-report.ts";
import { reportsFromRecord } from "../../src/drift/from-record.ts";
import { readStoredReports } from "../../src/drift/stored-reports.ts";
import { findSubject } from "../../src/drift/subjects.ts";
import { type TimeGrid, timeGrid } from "../../src/statistics/panes.ts";
import { eventually } from "./eventually.ts";
import type { TestBed } from "./test-bed.ts";

const DAY_MS = 86_400_000;

/** Windows of a replay of the loan book after the model's training: 30 days, from the day after it. */
export const MONTHLY = { DRIFT_WINDOW: "30d", DRIFT_ORIGIN: "2010-07-01" };

/** Everything counted has been added to panes. */
export async function observationsTakenIn({ database }: TestBed): Promise<void> {
  await eventually(
    "all observations are taken in",
    async () => {
      const { rows } = await database.query<{ open: boolean }>(
        `select exists (select from plumbline.observations) or exists (select from plumbline.observation_messages)
         or exists (select from plumbline.outgoing_events) as open`,
      );
      return !rows[0]!.open;
    },
    { withinMs: 60_000 },
  );
}

/** What scorers have counted waits for a drift consumer. */
export async function observationsPassedOn({ database }: TestBed): Promise<void> {
  await eventually(
    "the counts wait for a drift consumer",
    async () => {
      const { rows } = await database.query<{ passed: boolean }>(
        `select exists (select from plumbline.observation_messages)
         and not exists (select from plumbline.observations) as passed`,
      );
      return rows[0]!.passed;
    },
    { withinMs: 10_000 },
  );
}

/** Runs a drift consumer that closes all windows and ends. */
export async function finishDrift(bed: TestBed, environment: Readonly<Record<string, string>>): Promise<void> {
  const last = bed.startDrift(environment, ["--finish"]);
  const how = await last.ended;
  if (how !== 0) throw new Error(`drift --finish ended with ${how}: ${last.log()}`);
}

export async function storedReports({ database }: TestBed): Promise<DriftReport[]> {
  return readStoredReports(database, (await findSubject(database, undefined)).model);
}

export type DriftRules = { readonly grid: TimeGrid; readonly minSamples: number };

export const MONTHLY_RULES: DriftRules = {
  grid: timeGrid(Date.parse(MONTHLY.DRIFT_ORIGIN), 30 * DAY_MS),
  minSamples: 500,
};

/** The reports as the record gives them. */
export async function reportsAgain({ database }: TestBed, rules: DriftRules = MONTHLY_RULES): Promise<DriftReport[]> {
  return reportsFromRecord(database, {
    ...rules,
    subject: await findSubject(database, undefined),
    latenessMs: 300_000,
    finish: true,
    signal: new AbortController().signal,
  });
}

/** Reports without what depends on when late applications came. */
export function withoutRevisions(reports: readonly DriftReport[]): unknown[] {
  return reports.map((report) => ({ ...(JSON.parse(JSON.stringify(report)) as DriftReport), revision: 0 }));
}

export function onAllChannels(reports: readonly DriftReport[]): DriftReport[] {
  return reports.filter(({ channel }) => channel === ALL_CHANNELS);
}
