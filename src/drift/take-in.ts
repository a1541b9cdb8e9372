import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { ObservationCell, Observers } from "../contracts/observation.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import { mergeCells } from "../statistics/observation-cells.ts";
import { paneStart } from "../statistics/panes.ts";
import { countsOf } from "./counts.ts";
import { type JudgeOptions, judgeChannel, WINDOWS_BEFORE } from "./judge-channel.ts";
import { judgeWindow } from "./judge-window.ts";
import {
  forgetPanes,
  lockProgress,
  noteObservers,
  readCells,
  readChannels,
  readSameCells,
  writeCells,
  writeProgress,
} from "./pane-rows.ts";
import { lastEnd, readJudgedBefore, writeProvisional } from "./report-rows.ts";
import type { DriftSubject } from "./subject.ts";
import { LONGEST_MS, longestWindow } from "./windows.ts";

export type TakeInOptions = JudgeOptions & { readonly latenessMs: number };

/** Observations of one model and pane width. */
export type Intake = {
  readonly cells: readonly ObservationCell[];
  readonly observers: Observers;
};

export type TakenIn = {
  /** Reports made or corrected. */
  readonly reports: readonly DriftReport[];
  /** The sliding views that were renewed. */
  readonly provisional: readonly DriftReport[];
  /** Applications that came after the window they belong to had been reported. */
  readonly late: number;
};

/** Corrections reach back so many windows; what comes later than that is counted and left out. */
const KEPT_WINDOWS = 400;

/**
 * Adds observations to the model's panes and judges what has closed, all inside the caller's transaction, which also
 * removes them from where they came: so each is added once, and reports agree with the panes at every instant.
 */
export async function takeIn(client: DatabaseClient, options: TakeInOptions, intake: Intake): Promise<TakenIn> {
  const { subject, grid, latenessMs } = options;
  const { modelId } = subject;
  const panes = { modelId, paneMs: grid.paneMs };
  const before = await lockProgress(client, modelId);
  const least = await noteObservers(client, modelId, intake.observers);
  const watermark = Math.max(before ?? -Infinity, least === undefined ? -Infinity : least - latenessMs);

  const horizon = watermark - KEPT_WINDOWS * grid.windowMs - LONGEST_MS;
  const cells = mergeCells(intake.cells);
  const current = cells.filter(({ pane }) => !(pane < horizon));
  await addCells(client, subject, grid.paneMs, current);
  const judgedUntil = await lastEnd(client, subject.model, ALL_CHANNELS, longestWindow(grid), Number.POSITIVE_INFINITY);
  const late = cells
    .filter(({ pane }) => pane < horizon || (judgedUntil !== undefined && pane < judgedUntil))
    .reduce((sum, cell) => sum + applicationsOf(subject, cell), 0);
  await writeProgress(client, modelId, Number.isFinite(watermark) ? watermark : undefined, late);

  const reports: DriftReport[] = [];
  const provisional: DriftReport[] = [];
  const hasAdvanced = before === undefined || watermark > before;
  const hasTurned = before === undefined || paneStart(grid, watermark) > paneStart(grid, before);
  const changedFrom = Math.min(...current.map(({ pane }) => pane));
  const channelsFrom = Math.min(changedFrom, watermark - LONGEST_MS - grid.windowMs);
  for (const channel of [ALL_CHANNELS, ...(await readChannels(client, panes, channelsFrom))]) {
    const changed = current.filter((cell) => channel === ALL_CHANNELS || cell.channel === channel);
    if (changed.length === 0 && !hasAdvanced) continue;
    const ownFrom = Math.min(...changed.map(({ pane }) => pane));
    reports.push(...(await judgeChannel(client, options, channel, ownFrom, watermark)));
    if (hasTurned && Number.isFinite(watermark))
      provisional.push(...(await slide(client, options, channel, watermark)));
  }
  if (hasTurned && Number.isFinite(horizon)) await forgetPanes(client, panes, horizon - LONGEST_MS - grid.windowMs);
  return { reports, provisional, late };
}

/** Adds cells to the model's panes of that width. */
export async function addCells(
  client: DatabaseClient,
  subject: DriftSubject,
  paneMs: number,
  cells: readonly ObservationCell[],
): Promise<void> {
  if (cells.length === 0) return;
  const panes = { modelId: subject.modelId, paneMs };
  const merged = mergeCells([...cells, ...(await readSameCells(client, panes, cells))]);
  await writeCells(
    client,
    panes,
    merged.map((cell) => ({ ...cell, applications: applicationsOf(subject, cell) })),
  );
}

function applicationsOf({ layout }: DriftSubject, { slots, values }: ObservationCell): number {
  return values[slots.indexOf(layout.applications)] ?? 0;
}

/** Judges the window that ends with the newest whole pane, between verdicts. */
async function slide(
  client: DatabaseClient,
  { subject, grid, minSamples }: TakeInOptions,
  channel: string,
  watermark: number,
): Promise<DriftReport[]> {
  const end = paneStart(grid, watermark);
  const start = end - grid.windowMs;
  const only = channel === ALL_CHANNELS ? undefined : channel;
  const cells = await readCells(client, { modelId: subject.modelId, paneMs: grid.paneMs }, start, end, only);
  const counted = countsOf(subject, cells, only === undefined);
  const applications = counted.counts[subject.layout.applications]!;
  if (applications < minSamples && only !== undefined) return [];
  const previous = await readJudgedBefore(client, subject.model, channel, end, WINDOWS_BEFORE);
  const status = applications < minSamples ? "insufficient" : "judged";
  const report = judgeWindow(subject, { channel, start, end, status, provisional: true, ...counted, previous });
  await writeProvisional(client, report);
  return [report];
}
