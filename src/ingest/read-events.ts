import { MAX_APPLICATION_BYTES } from "../contracts/application.ts";
import { OperatorError, UsageError } from "../platform/errors.ts";
import type { Mapping } from "./csv-mapping.ts";
import type { LineKind } from "./event-kind.ts";
import { eventLines } from "./event-lines.ts";
import { findSources, openSource } from "./source-file.ts";

/** An event with the line that it stands on. */
export type ReadEvent<Event> = { readonly event: Event; readonly line: number };

/** More than any event may have, so that a longer one is found to be too long, not cut off. */
const MOST_BYTES = MAX_APPLICATION_BYTES + 1;
/** More faults than this say nothing that these don't. */
const MOST_FAULTS = 5;

/**
 * Reads a whole file of events, JSON lines or CSV, gzipped or not, in the order of its lines. Unlike publishing it takes a file
 * as a whole: with one line that isn't valid nothing is read.
 * @throws OperatorError that names the file, and each line that isn't valid with what is wrong with it; also when the
 * signal aborts. UsageError when the name doesn't say what is in the file.
 */
export async function readEvents<Event>(
  name: string,
  kind: LineKind,
  mapping: Mapping | undefined,
  signal: AbortSignal,
): Promise<ReadEvent<Event>[]> {
  if (!/\.(jsonl|csv)(\.gz)?$/i.test(name)) {
    throw new UsageError(`${name} must end in .jsonl or .csv, with .gz when compressed, to say what is in it.`);
  }
  const source = (await findSources([name], undefined))[0]!;
  const { chunks } = openSource(source, signal);
  const events: ReadEvent<Event>[] = [];
  const faults: string[] = [];
  for await (const lines of eventLines(source, chunks, { kind, mapping, mostBytes: MOST_BYTES })) {
    for (const { number, payload, fault } of lines) {
      if (fault !== undefined) faults.push(`${name}:${number}: ${fault}`);
      else if (faults.length === 0) {
        events.push({ event: JSON.parse(Buffer.from(payload).toString()) as Event, line: number });
      }
    }
  }
  if (signal.aborted) throw new OperatorError(`stopped before the end of ${name}`);
  if (faults.length > 0) throw new OperatorError(faultsText(faults));
  return events;
}

function faultsText(faults: readonly string[]): string {
  const more = faults.length - MOST_FAULTS;
  return [...faults.slice(0, MOST_FAULTS), ...(more > 0 ? [`and ${more} more lines that are not valid`] : [])].join(
    "\n",
  );
}
