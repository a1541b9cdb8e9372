import { type TimeGrid, windowStart } from "../statistics/panes.ts";

/** How many applications a pane holds; `start` in milliseconds since 1970. */
export type PaneSize = { readonly start: number; readonly applications: number };

export type PlannedWindow = {
  readonly start: number;
  readonly end: number;
  readonly applications: number;
  readonly status: "judged" | "insufficient";
};

export type WindowRules = {
  readonly grid: TimeGrid;
  /** A window with fewer applications is extended by its width. */
  readonly minSamples: number;
};

/** A window is never longer, unless a single width is. */
export const LONGEST_MS = 30 * 86_400_000;

export function longestWindow({ windowMs }: TimeGrid): number {
  return Math.max(1, Math.floor(LONGEST_MS / windowMs)) * windowMs;
}

/**
 * The windows that are closed, from the sizes of the panes alone, so that the same panes give the same windows however
 * they came. A window begins at the width that holds the first application since the one before it; it closes when the
 * watermark has passed its end and it holds enough applications, else it is extended by a width, up to 30 days.
 *
 * @param panes in ascending order; those before `from` are left out.
 * @param from the end of the last window that stands, or -Infinity.
 * @param watermark applications before it are all there; Infinity closes the last window at the width of its last pane.
 */
export function closedWindows(
  panes: readonly PaneSize[],
  { grid, minSamples }: WindowRules,
  from: number,
  watermark: number,
): PlannedWindow[] {
  const windows: PlannedWindow[] = [];
  const filled = panes.filter(({ start, applications }) => start >= from && applications > 0);
  const longest = longestWindow(grid);
  for (let next = 0; next < filled.length; ) {
    const start = windowStart(grid, filled[next]!.start);
    let end = start;
    let applications = 0;
    while (applications < minSamples && end - start < longest && !(watermark === Infinity && next === filled.length)) {
      end += grid.windowMs;
      for (; next < filled.length && filled[next]!.start < end; next++) applications += filled[next]!.applications;
      if (end > watermark) return windows;
    }
    windows.push({ start, end, applications, status: applications < minSamples ? "insufficient" : "judged" });
  }
  return windows;
}
