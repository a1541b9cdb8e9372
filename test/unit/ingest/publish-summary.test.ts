import { expect, test } from "vitest";
import { progressLine } from "../../../src/ingest/progress-bar.ts";
import type { Source } from "../../../src/ingest/source-file.ts";
import { summarize, summaryText } from "../../../src/ingest/summary.ts";
import { createTally, settle } from "../../../src/ingest/tally.ts";

function source(name: string, size: number | undefined): Source {
  return { name, path: `/${name}`, format: "jsonl", gzip: false, size, origin: `/${name}` };
}

/** Two files, the first of which was stopped in the middle: lines 1, 2 and 4 acknowledged, 3 open. */
function stopped(size: number | undefined) {
  const tally = createTally([source("a.jsonl", size), source("b.jsonl", 600)]);
  const [file] = tally.files;
  const line = (number: number) => ({ number, payload: Buffer.of(), messageId: "", fault: undefined, length: 0 });
  settle(tally, file!, line(1), { kind: "stored", sequence: 1 });
  settle(tally, file!, line(2), { kind: "duplicate", sequence: 1 });
  settle(tally, file!, line(3), { kind: "open" });
  settle(tally, file!, line(4), { kind: "stored", sequence: 2 });
  Object.assign(tally, { lines: 4, invalid: 1, elapsedMs: () => 2_000 });
  Object.assign(file!, { state: "begun", lastSent: 4, bytesRead: () => 250 });
  return tally;
}

test("the progress line has a bar and the time left where sizes are known", () => {
  expect(progressLine(stopped(400), undefined)).toBe(
    "████░░░░░░░░░░░░  25 % 4 lines · 2/s · 0:06 left · 1 rejected · 1 duplicates",
  );
  expect(progressLine(stopped(undefined), "maximum bytes exceeded")).toBe(
    "4 lines · 2/s · 1 rejected · 1 duplicates · waiting: maximum bytes exceeded",
  );
});

test("the summary of a publication that was stopped says how far it got", () => {
  const tally = stopped(400);
  const summary = summarize(tally, "applications.web");
  expect(summary).toEqual({
    subject: "applications.web",
    lines: 4,
    invalid: 1,
    stored: 2,
    duplicates: 1,
    refused: 0,
    unacknowledged: 1,
    seconds: 2,
    per_second: 2,
    complete: false,
    files: [
      { file: "a.jsonl", complete: false, acknowledged: 3, through_line: 2 },
      { file: "b.jsonl", complete: false, acknowledged: 0, through_line: 0 },
    ],
  });
  expect(summaryText(summary, tally.files)).toBe(
    "4 lines to applications.web in 2.0 s (2/s): 2 stored, 1 duplicates, 1 invalid, 0 refused, 1 not acknowledged\n" +
      "  a.jsonl: 3 lines acknowledged, all up to line 2\n  b.jsonl: not begun\n",
  );
});
