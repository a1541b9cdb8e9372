import { expect, test } from "vitest";
import { OUTCOME_EVENTS } from "../../../src/ingest/event-kind.ts";
import { eventLines } from "../../../src/ingest/event-lines.ts";
import type { Format, Source } from "../../../src/ingest/source-file.ts";

async function read(format: Format, text: string) {
  const name = `outcomes.${format}`;
  const source: Source = { name, path: name, format, gzip: false, size: undefined, origin: name };
  async function* chunks() {
    yield Buffer.from(text);
  }
  const batches = eventLines(source, chunks(), { kind: OUTCOME_EVENTS, mapping: undefined, mostBytes: 1_000 });
  return (await Array.fromAsync(batches)).flat();
}

const EVENT = '{"application_id":"A-1","observed_at":"2026-01-31T12:00:00Z","defaulted":true}';
const TABLE = "application_id,observed_at,defaulted\nA-1,2026-01-31T12:00:00Z,true\n";

test.each([
  ["jsonl", `${EVENT}\n`],
  ["csv", TABLE],
] as const)(
  "the signature that some programs put before a %s file is no part of its first event",
  async (format, text) => {
    const plain = await read(format, text);
    expect(plain).toMatchObject([{ fault: undefined }]);
    expect(await read(format, `\ufeff${text}`)).toEqual(plain);
  },
);
