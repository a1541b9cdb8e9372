import { isDeepStrictEqual } from "node:util";
import { ALL_CHANNELS, type DriftEvent, type DriftReport } from "../contracts/drift-report.ts";
import { driftSubject } from "../contracts/subjects.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import type { TimeGrid } from "../statistics/panes.ts";
import { countsOf } from "./counts.ts";
import { judgeWindow } from "./judge-window.ts";
import { readCells, readPaneSizes } from "./pane-rows.ts";
import {
  lastEnd,
  readJudgedBefore,
  readReportsAfter,
  takeWithdrawn,
  withdrawReport,
  writeEvent,
  writeReport,
} from "./report-rows.ts";
import type { DriftSubject } from "./subject.ts";
import { closedWindows, longestWindow } from "./windows.ts";

export type JudgeOptions = {
  readonly subject: DriftSubject;
  readonly grid: TimeGrid;
  readonly minSamples: number;
};

/** Judging needs the reports of this many windows before. */
export const WINDOWS_BEFORE = 2;

/**
 * Brings a channel's reports up to date with its panes: judges the windows that have closed, and again all from the first
 * one that late applications have reached. What is stored is always what the panes give, in whatever order they came.
 * Returns the reports that were made or corrected.
 *
 * @param channel or ALL_CHANNELS.
 * @param changedFrom start of the first pane that has changed since; Infinity when none has.
 */
export async function judgeChannel(
  client: DatabaseClient,
  { subject, grid, minSamples }: JudgeOptions,
  channel: string,
  changedFrom: number,
  watermark: number,
): Promise<DriftReport[]> {
  const panes = { modelId: subject.modelId, paneMs: grid.paneMs };
  const only = channel === ALL_CHANNELS ? undefined : channel;
  const standsUntil = await lastEnd(client, subject.model, channel, longestWindow(grid), changedFrom);
  const from = standsUntil ?? Number.NEGATIVE_INFINITY;
  const sizes = await readPaneSizes(client, panes, from, only);
  const windows = closedWindows(sizes, { grid, minSamples }, from, watermark)
    // Of single channels only those with enough data are judged.
    .filter(({ status }) => only === undefined || status === "judged");
  const stale = new Map(
    (await readReportsAfter(client, subject.model, channel, from)).map((report) => [keyOf(report), report]),
  );
  if (windows.length === 0 && stale.size === 0) return [];

  const previous =
    standsUntil === undefined
      ? []
      : await readJudgedBefore(client, subject.model, channel, standsUntil, WINDOWS_BEFORE);
  const changed: DriftReport[] = [];
  for (const window of windows) {
    const cells = await readCells(client, panes, window.start, window.end, only);
    const fresh = judgeWindow(subject, {
      channel,
      ...window,
      provisional: false,
      ...countsOf(subject, cells, only === undefined),
      previous: previous.slice(0, WINDOWS_BEFORE),
    });
    const stored = stale.get(keyOf(fresh));
    stale.delete(keyOf(fresh));
    const report = { ...fresh, revision: stored?.revision ?? 1 };
    if (report.status === "judged") previous.unshift(report);
    if (stored !== undefined && isDeepStrictEqual(stored, JSON.parse(JSON.stringify(report)))) continue;
    const before = stored?.revision ?? (await takeWithdrawn(client, report));
    const revised = { ...report, revision: before + 1 };
    await writeReport(client, revised);
    await writeEvent(client, driftSubject(subject.model.name), eventOf(revised));
    changed.push(revised);
  }
  for (const report of stale.values()) await withdraw(client, report);
  return changed;
}

async function withdraw(client: DatabaseClient, report: DriftReport): Promise<void> {
  const { model, channel, window } = report;
  const revision = report.revision + 1;
  await withdrawReport(client, report, revision);
  const event: DriftEvent = { model, channel, window, revision, status: "withdrawn" };
  await writeEvent(client, driftSubject(model.name), JSON.stringify(event));
}

/** Far below what the broker takes. */
const MOST_EVENT_BYTES = 512 * 1024;

/** Without the counts of the bins; of models with many hundreds of features only those that exceed, and no passed checks. */
function eventOf(report: DriftReport): string {
  const features = report.features.map(({ counts: _, ...feature }) => feature);
  const event = JSON.stringify({ ...report, features });
  if (event.length <= MOST_EVENT_BYTES) return event;
  const exceeding = features.filter(({ exceeds, missing }) => exceeds !== "none" || missing.exceeds !== "none");
  const quality = report.quality.filter(({ pass }) => !pass);
  return JSON.stringify({
    ...report,
    features: exceeding.slice(0, MOST_FEATURES),
    quality: quality.slice(0, MOST_FEATURES),
  });
}

const MOST_FEATURES = 100;

function keyOf({ window }: Pick<DriftReport, "window">): string {
  return `${window.start} ${window.end}`;
}
