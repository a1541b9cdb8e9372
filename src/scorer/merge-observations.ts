import type { ObservationCell } from "../contracts/observation.ts";
import { mergeCells, mergeObservers } from "../statistics/observation-cells.ts";
import type { ObservationMessage } from "./observation-rows.ts";

/** JSON of a message's cells; well below what the broker takes, headers and all. */
const MOST_BYTES = 512 * 1024;

/** Merges messages of the same model and pane width; what would be too large for one is split by cells. */
export function mergeMessages(messages: readonly ObservationMessage[]): ObservationMessage[] {
  const groups = new Map<string, ObservationMessage[]>();
  for (const message of messages) {
    const key = `${message.model_id} ${message.pane_ms}`;
    groups.set(key, [...(groups.get(key) ?? []), message]);
  }
  return [...groups.values()].flatMap((same) => {
    const { model_id, pane_ms } = same[0]!;
    const observers = mergeObservers(same.map((message) => message.observers));
    return portions(mergeCells(same.flatMap(({ cells }) => cells))).map((cells) => ({
      model_id,
      pane_ms,
      observers,
      cells,
    }));
  });
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
