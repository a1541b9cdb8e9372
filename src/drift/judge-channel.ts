import { isDeepStrictEqual } from "node:util";
import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import { driftSubject } from "../contracts/subjects.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import { cutName, type TimeGrid } from "../statistics/panes.ts";
import { countsOf } from "./counts.ts";
import { reportEvent, withdrawalEvent } from "./events.ts";
import { judgeWindow } from "./judge-window.ts";
import { readCells, readPaneSizes } from "./pane-rows.ts";
import {
  type Chain,
  type ClosedWindow,
  forgetInsufficient,
  lastEnd,
  readClosed,
  readJudgedBefore,
  readReport,
  takeWithdrawn,
  withdrawReport,
  writeEvent,
  writeInsufficient,
  writeReport,
} from "./report-rows.ts";
import type { DriftSubject } from "./subject.ts";
import { closedWindows, longestWindow, type PlannedWindow } from "./windows.ts";

export type JudgeOptions = {
  readonly subject: DriftSubject;
  readonly grid: TimeGrid;
  readonly minSamples: number;
};

/** A verdict depends on so many judged windows before it. */
export const WINDOWS_BEFORE = 2;

export function chainOf({ subject, grid }: JudgeOptions, channel: string): Chain {
  return { model: subject.model, channel, cut: cutName(grid.windowMs, grid.originMs) };
}

/**
 * Brings a channel's reports up to date with its panes: judges the windows that have closed, and again those that late
 * applications have reached and what follows from them. What is stored is what the panes give, in whatever order they
 * came. Returns the reports that were made or corrected.
 *
 * @param channel or ALL_CHANNELS.
 * @param changed starts of the panes that have changed since.
 */
export async function judgeChannel(
  client: DatabaseClient,
  options: JudgeOptions,
  channel: string,
  changed: readonly number[],
  watermark: number,
): Promise<DriftReport[]> {
  const { subject, grid, minSamples } = options;
  const chain = chainOf(options, channel);
  const panes = { modelId: subject.modelId, cut: cutName(grid.paneMs, grid.originMs) };
  const only = channel === ALL_CHANNELS ? undefined : channel;
  const standsUntil = await lastEnd(client, chain, longestWindow(grid), Math.min(...changed));
  const from = standsUntil ?? Number.NEGATIVE_INFINITY;
  const windows = closedWindows(await readPaneSizes(client, panes, from, only), { grid, minSamples }, from, watermark)
    // Of a single channel a report is made only with enough data; but where a whole longest window ended is kept.
    .filter(
      ({ status, start, end }) => only === undefined || status === "judged" || end - start >= longestWindow(grid),
    );
  const hasReport = ({ status }: PlannedWindow) => only === undefined || status === "judged";
  const keyed = windows.map((window) => ({ window, key: keyOf(window, hasReport(window)) }));
  const closed = new Map(
    (await readClosed(client, chain, from)).map((window) => [keyOf(window, window.revision !== undefined), window]),
  );
  const planned = new Set(keyed.map(({ key }) => key));
  for (const [key, window] of closed) if (!planned.has(key)) await withdraw(client, chain, window);

  const reports: DriftReport[] = [];
  let previous: DriftReport[] | undefined;
  // How many judged windows are still to be looked at because one before them has changed.
  let unsettled = 0;
  for (const { window, key } of keyed) {
    const before = closed.get(key);
    const isTouched = changed.some((pane) => pane >= window.start && pane < window.end);
    if (before !== undefined && !isTouched && unsettled === 0) {
      previous = undefined;
      continue;
    }
    if (!hasReport(window)) {
      if (before === undefined) await writeInsufficient(client, chain, window);
      continue;
    }
    previous ??= await readJudgedBefore(client, chain, window.start, WINDOWS_BEFORE);
    const cells = await readCells(client, panes, window.start, window.end, only);
    const counted = countsOf(subject, cells, only === undefined);
    const judged = judgeWindow(subject, { channel, ...window, provisional: false, ...counted, previous });
    const fresh = { ...judged, cut: chain.cut };
    const revised = await store(client, chain, window, fresh, before);
    if (revised !== undefined) reports.push(revised);
    if (window.status === "judged") {
      previous = [revised ?? fresh, ...previous].slice(0, WINDOWS_BEFORE);
      unsettled = revised === undefined ? Math.max(0, unsettled - 1) : WINDOWS_BEFORE;
    }
  }
  return reports;
}

/** Writes a report and its event under the next revision; undefined when the stored one says the same. */
async function store(
  client: DatabaseClient,
  chain: Chain,
  window: PlannedWindow,
  fresh: DriftReport,
  before: ClosedWindow | undefined,
): Promise<DriftReport | undefined> {
  if (before !== undefined) {
    const stored = await readReport(client, chain, window);
    if (isDeepStrictEqual(stored, JSON.parse(JSON.stringify({ ...fresh, revision: stored.revision }))))
      return undefined;
  }
  const last = before?.revision ?? (await takeWithdrawn(client, chain, window));
  const report = { ...fresh, revision: last + 1 };
  await writeReport(client, chain, report);
  await writeEvent(client, driftSubject(chain.model.name), reportEvent(report));
  return report;
}

async function withdraw(client: DatabaseClient, chain: Chain, window: ClosedWindow): Promise<void> {
  if (window.revision === undefined) return forgetInsufficient(client, chain, window);
  const revision = window.revision + 1;
  await withdrawReport(client, chain, window, revision);
  await writeEvent(client, driftSubject(chain.model.name), withdrawalEvent(chain, window, revision));
}

/** One window with a report and without are two things: the one is taken back when the other comes. */
function keyOf({ start, end }: Pick<ClosedWindow, "start" | "end">, hasReport: boolean): string {
  return `${start} ${end} ${hasReport}`;
}
