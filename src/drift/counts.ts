import type { ObservationCell } from "../contracts/observation.ts";
import { addTo } from "../statistics/observation-cells.ts";
import type { DriftSubject } from "./subject.ts";

/** Under this name a pane counts channels beyond the most that it tells apart; no channel can have it. */
export const OTHER_CHANNELS = "+";

/** A channel with fewer applications isn't looked at by itself for where a feature moved. */
const LEAST_FOR_CHANNEL = 100;
/** Whoever may publish may make up channels; only those with most applications are looked at by themselves. */
const MOST_CHANNELS = 50;

/**
 * Counts of all cells together, and of each channel large enough where asked for: vectors of the subject's layout.
 */
export function countsOf({ layout }: DriftSubject, cells: readonly ObservationCell[], perChannel: boolean) {
  const counts = new Float64Array(layout.width);
  for (const cell of cells) addTo(counts, cell);
  const byChannel = new Map<string, Float64Array>();
  if (!perChannel) return { counts, byChannel };
  const ofChannels = Map.groupBy(cells, ({ channel }) => channel);
  for (const { channel, applications } of largestChannels({ layout }, cells)) {
    if (applications < LEAST_FOR_CHANNEL) continue;
    const own = new Float64Array(layout.width);
    for (const cell of ofChannels.get(channel)!) addTo(own, cell);
    byChannel.set(channel, own);
  }
  return { counts, byChannel };
}

/** The channels with most applications, largest first, those of equal size by name. */
function largestChannels(
  subject: Pick<DriftSubject, "layout">,
  cells: readonly ObservationCell[],
): { channel: string; applications: number }[] {
  const sizes = new Map<string, number>();
  for (const cell of cells)
    if (cell.channel !== OTHER_CHANNELS)
      sizes.set(cell.channel, (sizes.get(cell.channel) ?? 0) + applicationsIn(subject, cell));
  return [...sizes]
    .map(([channel, applications]) => ({ channel, applications }))
    .sort((a, b) => b.applications - a.applications || (a.channel < b.channel ? -1 : 1))
    .slice(0, MOST_CHANNELS);
}

/** How many applications a cell counts. */
export function applicationsIn(
  { layout }: Pick<DriftSubject, "layout">,
  { slots, values }: Pick<ObservationCell, "slots" | "values">,
): number {
  return values[slots.indexOf(layout.applications)] ?? 0;
}
