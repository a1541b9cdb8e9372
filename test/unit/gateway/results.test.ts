import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import type { BatchItem } from "../../../src/gateway/applications/batch.ts";
import { resultsAsCsv, resultsAsLines } from "../../../src/gateway/applications/results.ts";

const ITEMS: BatchItem[] = [
  { index: 0, line: 2, application_id: "A", status: "accepted", sequence: 7 },
  {
    index: 1,
    status: "invalid",
    errors: [
      { field: "a", detail: 'must be "x", or\nmissing' },
      { field: "b", detail: "no" },
    ],
  },
];

test("results are read back as they were written", () => {
  expect(parse(resultsAsCsv(ITEMS), { columns: true })).toEqual([
    { index: "0", line: "2", application_id: "A", status: "accepted", sequence: "7", errors: "" },
    {
      index: "1",
      line: "",
      application_id: "",
      status: "invalid",
      sequence: "",
      errors: 'a: must be "x", or\nmissing; b: no',
    },
  ]);
  expect(resultsAsCsv([])).toBe("index,line,application_id,status,sequence,errors\r\n");
  const lines = resultsAsLines(ITEMS).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(ITEMS);
});
