import type { ObservationCell } from "../contracts/observation.ts";
import { addTo } from "../statistics/observation-cells.ts";
import type { DriftSubject } from "./subject.ts";

/** Counts of all cells together, and of each channel where asked for: vectors of the subject's layout. */
export function countsOf({ layout }: DriftSubject, cells: readonly ObservationCell[], perChannel: boolean) {
  const counts = new Float64Array(layout.width);
  const byChannel = new Map<string, Float64Array>();
  for (const cell of cells) {
    addTo(counts, cell);
    if (!perChannel) continue;
    const own = byChannel.get(cell.channel) ?? new Float64Array(layout.width);
    addTo(own, cell);
    byChannel.set(cell.channel, own);
  }
  return { counts, byChannel };
}
