import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { ObservationCell, Observers } from "../contracts/observation.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import { mergeCells } from "../statistics/observation-cells.ts";
import { cutName, paneStart } from "../statistics/panes.ts";
import { withRoomFor } from "./channel-cells.ts";
import { applicationsIn, countsOf, OTHER_CHANNELS } from "./counts.ts";
import { chainOf, type JudgeOptions, judgeChannel, WINDOWS_BEFORE } from "./judge-channel.ts";
import { judgeWindow } from "./judge-window.ts";
import {
  fadingChannels,
  forgetPanes,
  lockProgress,
  noteObservers,
  readCells,
  readChannels,
  readPaneChannels,
  readSameCells,
  writeCells,
  writeProgress,
} from "./pane-rows.ts";
import { clearProvisional, lastEnd, readJudgedBefore, writeProvisional } from "./report-rows.ts";
import type { DriftSubject } from "./subject.ts";
import { LONGEST_MS, longestWindow } from "./windows.ts";

export type TakeInOptions = JudgeOptions & { readonly latenessMs: number };

/** Observations of one model, counted in panes of the grid. */
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
  const panes = { modelId, cut: cutName(grid.paneMs, grid.originMs) };
  const before = await lockProgress(client, modelId);
  const least = await noteObservers(client, modelId, intake.observers);
  const watermark = Math.max(before ?? -Infinity, least === undefined ? -Infinity : least - latenessMs);

  // Of before this intake: what comes together is late for nothing of it.
  const horizon = (before ?? Number.NEGATIVE_INFINITY) - KEPT_WINDOWS * grid.windowMs - LONGEST_MS;
  const cells = mergeCells(intake.cells);
  const current = cells.filter(({ pane }) => !(pane < horizon));
  await addCells(client, subject, panes.cut, current);
  const judgedUntil = await lastEnd(client, chainOf(options, ALL_CHANNELS), longestWindow(grid), Infinity);
  const late = cells
    .filter(({ pane }) => pane < horizon || (judgedUntil !== undefined && pane < judgedUntil))
    .reduce((sum, cell) => sum + applicationsIn(subject, cell), 0);
  await writeProgress(client, modelId, Number.isFinite(watermark) ? watermark : undefined, late);

  const reports: DriftReport[] = [];
  const provisional: DriftReport[] = [];
  const hasTurned = before === undefined || paneStart(grid, watermark) > paneStart(grid, before);
  // A window ends where a pane does: until then only what has changed is to be judged.
  const openFrom = (before ?? Number.NEGATIVE_INFINITY) - LONGEST_MS - grid.windowMs;
  const open = hasTurned ? await readChannels(client, panes, openFrom, options.minSamples) : [];
  const touched = current.map(({ channel }) => channel).filter((channel) => channel !== OTHER_CHANNELS);
  for (const channel of [ALL_CHANNELS, ...[...new Set([...open, ...touched])].sort()]) {
    const changed = current.filter((cell) => channel === ALL_CHANNELS || cell.channel === channel);
    if (changed.length === 0 && !hasTurned) continue;
    const changedPanes = changed.map(({ pane }) => pane);
    reports.push(...(await judgeChannel(client, options, channel, changedPanes, watermark)));
    if (hasTurned && Number.isFinite(watermark))
      provisional.push(...(await slide(client, options, channel, watermark)));
  }
  if (hasTurned && Number.isFinite(watermark)) {
    const keeping = { watermark, windows: KEPT_WINDOWS, moreMs: 2 * LONGEST_MS };
    // Where the windows of small channels ended is written down before the panes that tell it are gone.
    for (const channel of await fadingChannels(client, panes, keeping)) {
      reports.push(...(await judgeChannel(client, options, channel, [], watermark)));
    }
    await forgetPanes(client, modelId, keeping);
  }
  return { reports, provisional, late };
}

/** Adds cells to the model's panes of that cut. */
export async function addCells(
  client: DatabaseClient,
  subject: DriftSubject,
  cut: string,
  cells: readonly ObservationCell[],
): Promise<void> {
  if (cells.length === 0) return;
  const panes = { modelId: subject.modelId, cut };
  const known = await readPaneChannels(client, panes, [...new Set(cells.map(({ pane }) => pane))]);
  const fitting = mergeCells(withRoomFor(subject, cells, known));
  const merged = mergeCells([...fitting, ...(await readSameCells(client, panes, fitting))]);
  await writeCells(
    client,
    panes,
    merged.map((cell) => ({ ...cell, applications: applicationsIn(subject, cell) })),
  );
}

/** Judges the window that ends with the newest whole pane, between verdicts. */
async function slide(
  client: DatabaseClient,
  options: TakeInOptions,
  channel: string,
  watermark: number,
): Promise<DriftReport[]> {
  const { subject, grid, minSamples } = options;
  const end = paneStart(grid, watermark);
  const start = end - grid.windowMs;
  const only = channel === ALL_CHANNELS ? undefined : channel;
  const panes = { modelId: subject.modelId, cut: cutName(grid.paneMs, grid.originMs) };
  const cells = await readCells(client, panes, start, end, only);
  const counted = countsOf(subject, cells, only === undefined);
  const applications = counted.counts[subject.layout.applications]!;
  if (applications < minSamples && only !== undefined) {
    await clearProvisional(client, subject.model, channel);
    return [];
  }
  const previous = await readJudgedBefore(client, chainOf(options, channel), end, WINDOWS_BEFORE);
  const status = applications < minSamples ? "insufficient" : "judged";
  const report = judgeWindow(subject, { channel, start, end, status, provisional: true, ...counted, previous });
  await writeProvisional(client, report);
  return [report];
}
