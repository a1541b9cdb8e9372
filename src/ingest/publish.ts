import type { Publisher } from "../platform/publisher.ts";
import type { Mapping } from "./csv-mapping.ts";
import type { EventKind } from "./event-kind.ts";
import { type EventLine, eventLines } from "./event-lines.ts";
import { createPacer, type Pacer } from "./pacer.ts";
import { createSender, type Sender, WINDOW } from "./sender.ts";
import { openSource } from "./source-file.ts";
import { type FileTally, settle, type Tally } from "./tally.ts";

export type PublishOptions = {
  readonly kind: EventKind;
  readonly mapping: Mapping | undefined;
  /** The longest payload that the broker takes, in bytes. */
  readonly mostBytes: number;
  /** Where to; undefined when the lines are only checked. */
  readonly destination: { readonly publisher: Publisher; readonly subject: string } | undefined;
  /** Lines per second; undefined for as fast as the broker takes them. */
  readonly rate: number | undefined;
  /** Kept up to date all the way, also when publishing fails. */
  readonly tally: Tally;
  /** Aborted to stop in good order: what is in flight is finished. */
  readonly signal: AbortSignal;
  /** Told of each line that is not a valid event or can't be published: `<file>:<line>: <sentence>`. */
  readonly onFault: (report: string) => void;
  /** Told what the broker says when it takes nothing for now, and undefined when it does again. */
  readonly onHeld: (description: string | undefined) => void;
};

/**
 * Publishes every line of the tally's files, or checks it: source → lines → checked events → windows → broker. A line
 * that is not a valid event is published byte for byte all the same; the scorer makes a dead letter of it.
 * @throws OperatorError when a file can't be read, or its CSV header doesn't fit; what was sent before is finished first.
 */
export async function publishFiles(options: PublishOptions): Promise<void> {
  const { destination, rate, tally, signal, onHeld } = options;
  const sender = destination && createSender({ ...destination, signal, onHeld, onReleased: () => onHeld(undefined) });
  const pacer = rate === undefined ? undefined : createPacer(rate);
  const startedAt = performance.now();
  tally.elapsedMs = () => performance.now() - startedAt;
  try {
    for (const file of tally.files) {
      if (signal.aborted) break;
      await publishFile(file, sender, pacer, options);
    }
  } catch (error) {
    await sender?.landed().catch(() => {});
    if (!signal.aborted) throw error;
  }
  await sender?.landed();
}

async function publishFile(
  file: FileTally,
  sender: Sender | undefined,
  pacer: Pacer | undefined,
  { kind, mapping, mostBytes, tally, signal, onFault }: PublishOptions,
): Promise<void> {
  const { source } = file;
  const { chunks, bytesRead } = openSource(source, signal);
  file.state = "begun";
  file.bytesRead = bytesRead;
  const refuse = ({ number }: EventLine, sentence: string) => onFault(`${source.name}:${number}: ${sentence}`);

  for await (const lines of eventLines(source, chunks, { kind, mapping, mostBytes })) {
    for (let from = 0; from < lines.length && !signal.aborted; ) {
      const most = pacer ? await pacer.due(WINDOW.lines, signal) : WINDOW.lines;
      const window = nextWindow(lines, from, most);
      from += window.length;
      tally.lines += window.length;
      for (const line of window) {
        if (line.fault === undefined || line.length > mostBytes) continue;
        tally.invalid++;
        refuse(line, line.fault);
      }
      for (const line of window.filter(({ length }) => length > mostBytes)) {
        tally.refused++;
        refuse(line, `${line.length} bytes are more than the broker takes (${mostBytes}); not published`);
      }
      file.lastSent = window.at(-1)!.number;
      await sender?.send(
        window.filter(({ length }) => length <= mostBytes),
        (line, fate) => {
          settle(tally, file, line, fate);
          if (fate.kind === "refused") refuse(line, `the broker refuses it: ${fate.description}; not published`);
        },
      );
    }
    if (signal.aborted) return;
  }
  if (!signal.aborted) file.state = "read";
}

function nextWindow(lines: readonly EventLine[], from: number, most: number): readonly EventLine[] {
  let to = from;
  let bytes = 0;
  while (to < lines.length && to - from < most) {
    bytes += lines[to]!.payload.length;
    if (bytes > WINDOW.bytes && to > from) break;
    to++;
  }
  return lines.slice(from, to);
}
