import type { ObservationCell, Observers } from "../contracts/observation.ts";

/** The slots of a vector of counts that hold anything. */
export function sparse(counts: Float64Array): Pick<ObservationCell, "slots" | "values"> {
  const slots: number[] = [];
  const values: number[] = [];
  for (let slot = 0; slot < counts.length; slot++) {
    if (counts[slot] === 0) continue;
    slots.push(slot);
    values.push(counts[slot]!);
  }
  return { slots, values };
}

/** Adds sparse counts to a vector. Whole numbers, so the order of additions doesn't matter. */
export function addTo(counts: Float64Array, { slots, values }: Pick<ObservationCell, "slots" | "values">): void {
  for (let i = 0; i < slots.length; i++) counts[slots[i]!]! += values[i]!;
}

/** Adds up the cells of the same channel and pane. */
export function mergeCells(cells: readonly ObservationCell[]): ObservationCell[] {
  const byKey = new Map<string, ObservationCell[]>();
  for (const cell of cells) {
    const key = `${cell.pane} ${cell.channel}`;
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [cell]);
    else same.push(cell);
  }
  return [...byKey.values()].map((same) => {
    if (same.length === 1) return same[0]!;
    const width = 1 + Math.max(...same.map(({ slots }) => slots.at(-1) ?? 0));
    const counts = new Float64Array(width);
    for (const cell of same) addTo(counts, cell);
    return { channel: same[0]!.channel, pane: same[0]!.pane, ...sparse(counts) };
  });
}

/** The latest word of each scorer. */
export function mergeObservers(all: readonly Observers[]): Observers {
  const merged: Record<string, { latest: number; at: number }> = {};
  for (const observers of all) {
    for (const [id, { latest, at }] of Object.entries(observers)) {
      const known = merged[id];
      merged[id] = known ? { latest: Math.max(known.latest, latest), at: Math.max(known.at, at) } : { latest, at };
    }
  }
  return merged;
}
