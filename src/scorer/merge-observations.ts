import type { ObservationCell, Observers } from "../contracts/observation.ts";
import { mergeCells, mergeObservers } from "../statistics/observation-cells.ts";
import { cutName } from "../statistics/panes.ts";
import type { ObservationMessage } from "./observation-rows.ts";

/** JSON of a message's cells; well below what the broker takes, headers and all. */
const MOST_BYTES = 512 * 1024;

/**
 * Merges messages of the same model and cut of time; what would be too large for one is split by time. Of a split one only
 * the last portion has the scorers' own words: the others say no more than that what is before the next portion is there, so
 * that no window closes before all of its counts have come.
 */
export function mergeMessages(messages: readonly ObservationMessage[]): ObservationMessage[] {
  const groups = new Map<string, ObservationMessage[]>();
  for (const message of messages) {
    const [first] = message.cells;
    const key = `${message.model_id} ${first === undefined ? message.pane_ms : cutName(message.pane_ms, first.pane)}`;
    groups.set(key, [...(groups.get(key) ?? []), message]);
  }
  return [...groups.values()].flatMap((same) => {
    const { model_id, pane_ms } = same[0]!;
    const observers = mergeObservers(same.map((message) => message.observers));
    const inOrder = mergeCells(same.flatMap(({ cells }) => cells)).sort((a, b) => a.pane - b.pane);
    const split = portions(inOrder);
    return split.map((cells, index) => ({
      model_id,
      pane_ms,
      observers: until(observers, split[index + 1]?.[0]?.pane ?? Number.POSITIVE_INFINITY),
      cells,
    }));
  });
}

function until(observers: Observers, most: number): Observers {
  return Object.fromEntries(
    Object.entries(observers).map(([id, { latest, at }]) => [id, { latest: Math.min(latest, most), at }]),
  );
}

function portions(cells: readonly ObservationCell[]): ObservationCell[][] {
  const all: ObservationCell[][] = [];
  let room = 0;
  for (const cell of cells) {
    const bytes = JSON.stringify(cell).length;
    if (bytes > room) {
      all.push([]);
      room = MOST_BYTES;
    }
    all.at(-1)!.push(cell);
    room -= bytes;
  }
  return all;
}
