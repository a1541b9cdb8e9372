/** How event time is cut: windows of one width, each made of whole panes. Milliseconds since 1970. */
export type TimeGrid = {
  /** Where a window begins; all others follow from it. */
  readonly originMs: number;
  readonly windowMs: number;
  readonly paneMs: number;
};

/** The sliding view moves by a pane; a twelfth of a window where that is a whole number of milliseconds. */
export const MOST_PANES_PER_WINDOW = 12;
const PANES_PER_WINDOW = [MOST_PANES_PER_WINDOW, 10, 8, 6, 5, 4, 3, 2, 1];

export function timeGrid(originMs: number, windowMs: number): TimeGrid {
  const panes = PANES_PER_WINDOW.find((count) => windowMs % count === 0)!;
  return { originMs, windowMs, paneMs: windowMs / panes };
}

/**
 * A name for a cut of time: widths of `widthMs`, one of which begins at `start`. Counts and windows of one cut belong
 * together; those of another, made with other settings, stay beside them.
 */
export function cutName(widthMs: number, start: number): string {
  return `${widthMs}+${((start % widthMs) + widthMs) % widthMs}`;
}

/** Where panes begin, from 0 up to and without their width. */
export function paneOffset({ originMs, paneMs }: TimeGrid): number {
  return ((originMs % paneMs) + paneMs) % paneMs;
}

/** The start of the pane that an instant lies in. */
export function paneStart({ originMs, paneMs }: TimeGrid, instant: number): number {
  return originMs + Math.floor((instant - originMs) / paneMs) * paneMs;
}

/** The start of the window, of the plain width, that an instant lies in. */
export function windowStart({ originMs, windowMs }: TimeGrid, instant: number): number {
  return originMs + Math.floor((instant - originMs) / windowMs) * windowMs;
}
