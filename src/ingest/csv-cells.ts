import { isUtf8 } from "node:buffer";
import { parse } from "csv-parse/sync";

/** A record's cells as text, or why it has none, as a sentence. */
export type Row = { readonly cells: readonly string[] } | { readonly fault: string };

const LINE_FEED = Buffer.from("\n");
const RETURN = 0x0d;
const OPTIONS = { relax_column_count: true, record_delimiter: "\n" };

/** Splits records into cells; one that can't be split doesn't keep the others from it. */
export function csvCells(records: readonly Uint8Array[]): Row[] {
  // One call for many records: a call for each would cost more than the parsing.
  return parsed(records) ?? records.map((record) => parsed([record])?.[0] ?? { fault: faultOf(record) });
}

function parsed(records: readonly Uint8Array[]): Row[] | undefined {
  if (!records.every(isUtf8)) return undefined;
  const text = Buffer.concat(records.flatMap((record) => [withoutReturn(record), LINE_FEED]));
  try {
    const rows = parse(text, OPTIONS);
    return rows.length === records.length ? rows.map((cells) => ({ cells })) : undefined;
  } catch {
    return undefined;
  }
}

function withoutReturn(record: Uint8Array): Uint8Array {
  return record.at(-1) === RETURN ? record.subarray(0, -1) : record;
}

function faultOf(record: Uint8Array): string {
  if (!isUtf8(record)) return "the row is not UTF-8 text; encode the file as UTF-8";
  return "the row can't be split into cells: a quote stands inside a cell or is not closed";
}
