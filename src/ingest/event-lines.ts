import { OperatorError } from "../platform/errors.ts";
import { byteLines, isBlank, type Line, withoutSignature } from "./byte-lines.ts";
import { csvCells } from "./csv-cells.ts";
import { columnsOf } from "./csv-columns.ts";
import type { ConvertRow } from "./csv-events.ts";
import type { Mapping } from "./csv-mapping.ts";
import { csvRecords } from "./csv-records.ts";
import type { LineKind } from "./event-kind.ts";
import { createMessageIds } from "./message-id.ts";
import type { Source } from "./source-file.ts";

/** A line of a source that is not blank, ready to be published as it is. */
export type EventLine = {
  readonly number: number;
  readonly payload: Uint8Array;
  readonly messageId: string;
  /** Why it will end as a dead letter; undefined for a valid event. */
  readonly fault: string | undefined;
  /** In bytes; more than what `payload` holds when the line is too long to be published. */
  readonly length: number;
};

export type Reading = {
  readonly kind: LineKind;
  readonly mapping: Mapping | undefined;
  /** The longest payload that can be published, in bytes. */
  readonly mostBytes: number;
};

/**
 * Reads the events of a source: JSON lines as they stand, CSV rows converted. A row that can't be converted stays what
 * it is, and so becomes a dead letter.
 * @throws OperatorError when there is none, or a CSV header doesn't fit.
 */
export async function* eventLines(
  source: Source,
  chunks: AsyncIterable<Uint8Array>,
  { kind, mapping, mostBytes }: Reading,
): AsyncGenerator<EventLine[]> {
  const ids = createMessageIds(source.origin);
  const lines = withoutSignature(byteLines(chunks, mostBytes));
  const payloads =
    source.format === "csv" ? csvPayloads(source.name, lines, mostBytes, kind, mapping) : jsonPayloads(lines);
  let isEmpty = true;
  for await (const batch of payloads) {
    yield batch.map(({ number, payload, length, fault: rowFault }) => {
      isEmpty = false;
      const { applicationId, fault } = kind.check(payload);
      return { number, payload, length, fault: rowFault ?? fault, messageId: ids.of(applicationId, payload, number) };
    });
  }
  if (isEmpty) throw new OperatorError(`${source.name} holds no events.`);
}

type Payload = {
  readonly number: number;
  readonly payload: Uint8Array;
  readonly length: number;
  readonly fault?: string;
};

async function* jsonPayloads(batches: AsyncIterable<Line[]>): AsyncGenerator<Payload[]> {
  for await (const batch of batches) yield batch.filter((line) => !isBlank(line)).map(asItStands);
}

async function* csvPayloads(
  where: string,
  lines: AsyncIterable<Line[]>,
  mostBytes: number,
  kind: LineKind,
  mapping: Mapping | undefined,
): AsyncGenerator<Payload[]> {
  let columns: readonly string[] | undefined;
  let convert: ConvertRow | undefined;
  let row = 0;
  for await (const batch of csvRecords(lines, mostBytes)) {
    const records = batch.filter((line) => !isBlank(line));
    const rows = csvCells(records.map(({ bytes }) => bytes));
    yield records.flatMap((record, index) => {
      const found = rows[index]!;
      if (columns === undefined || convert === undefined) {
        if ("fault" in found) throw new OperatorError(`${where}:${record.number}: the header: ${found.fault}.`);
        columns = columnsOf(found.cells, where);
        convert = kind.rowConversion(columns, mapping, where);
        return [];
      }
      row++;
      if ("fault" in found) return { ...asItStands(record), fault: found.fault };
      if (found.cells.length !== columns.length) {
        const fault = `the row has ${found.cells.length} cells where the header has ${columns.length}`;
        return { ...asItStands(record), fault };
      }
      const payload = Buffer.from(JSON.stringify(convert(found.cells, row)));
      return { number: record.number, payload, length: payload.length };
    });
  }
}

function asItStands({ number, bytes, length }: Line): Payload {
  return { number, payload: bytes, length };
}
