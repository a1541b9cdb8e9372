import type { ObservationCell } from "../contracts/observation.ts";
import { applicationsIn, OTHER_CHANNELS } from "./counts.ts";
import type { DriftSubject } from "./subject.ts";

/** Whoever may publish may make up channels, and every one takes room in every pane. */
const MOST_PER_PANE = 200;

/**
 * Cells of channels for which a pane has no room any more are given to OTHER_CHANNELS: they count for all channels
 * together as before, and for none by itself. First come, first served; of those that come together, the largest.
 *
 * @param known the channels that each pane tells apart already.
 */
export function withRoomFor(
  subject: Pick<DriftSubject, "layout">,
  cells: readonly ObservationCell[],
  known: ReadonlyMap<number, ReadonlySet<string>>,
): ObservationCell[] {
  const open = new Map([...known].map(([pane, channels]) => [pane, new Set(channels)]));
  const largestFirst = cells.toSorted(
    (a, b) => applicationsIn(subject, b) - applicationsIn(subject, a) || (a.channel < b.channel ? -1 : 1),
  );
  return largestFirst.map((cell) => {
    const channels = open.get(cell.pane) ?? new Set();
    open.set(cell.pane, channels);
    if (!channels.has(cell.channel) && channels.size >= MOST_PER_PANE) return { ...cell, channel: OTHER_CHANNELS };
    channels.add(cell.channel);
    return cell;
  });
}
