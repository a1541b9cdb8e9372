import type { BatchItem } from "./batch.ts";

/** How the results of a batch are written. */
export const RESULT_FORMATS = ["json", "jsonl", "csv"] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

const COLUMNS = ["index", "line", "application_id", "status", "sequence", "errors"];

/** One JSON object per line. */
export function resultsAsLines(items: readonly BatchItem[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join("");
}

/** One row per application under a header (RFC 4180); errors are joined into one cell. */
export function resultsAsCsv(items: readonly BatchItem[]): string {
  const rows = items.map(({ index, line, application_id, status, sequence, errors = [] }) => {
    const faults = errors.map(({ field, detail }) => `${field}: ${detail}`).join("; ");
    return [index, line, application_id, status, sequence, faults].map((cell) => quoted(String(cell ?? ""))).join(",");
  });
  return [COLUMNS.join(","), ...rows, ""].join("\r\n");
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
