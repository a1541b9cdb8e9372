import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OUTCOME_EVENTS } from "../../../src/ingest/event-kind.ts";
import { eventLines } from "../../../src/ingest/event-lines.ts";
import { type Format, findSources, openSource } from "../../../src/ingest/source-file.ts";
import { OperatorError, UsageError } from "../../../src/platform/errors.ts";

const OUTCOME = '{"application_id":"A","observed_at":"2026-01-01T00:00:00Z","defaulted":true}\n';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-sources-"));
  await mkdir(join(folder, "folder"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Reads a file to its end as outcomes: the numbers and faults of its lines. */
async function read(path: string, format?: Format): Promise<(readonly [number, string | undefined])[]> {
  const [source] = await findSources([path], format);
  const { chunks } = openSource(source!, new AbortController().signal);
  const reading = { kind: OUTCOME_EVENTS, mapping: undefined, mostBytes: 1_000 };
  const batches = await Array.fromAsync(eventLines(source!, chunks, reading));
  return batches.flat().map(({ number, fault }) => [number, fault] as const);
}

test("reads what the extension says, packed or not, or what the format says", async () => {
  expect(await read(await file("a.jsonl", OUTCOME))).toEqual([[1, undefined]]);
  expect(await read(await file("a.JSONL.gz", gzipSync(OUTCOME)))).toEqual([[1, undefined]]);
  const csv = "\ufeffapplication_id,observed_at,defaulted\r\n\r\nA,2026-01-01T00:00:00Z,true\r\n";
  expect(await read(await file("a.csv.gz", gzipSync(csv)))).toEqual([[3, undefined]]);
  expect(await read(await file("a.txt", csv), "csv")).toEqual([[3, undefined]]);
  expect(await read(await file("a.gz", gzipSync(OUTCOME)), "jsonl")).toEqual([[1, undefined]]);
});

test("files are found before any is read", async () => {
  const good = await file("good.jsonl", OUTCOME);
  const empty = await file("empty.jsonl", "");
  await expect(findSources([good, empty], undefined)).rejects.toThrow(new OperatorError(`${empty} is empty.`));
  const missing = join(folder, "missing.jsonl");
  await expect(findSources([missing], undefined)).rejects.toThrow(`cannot read ${missing}: there is no such file`);
  const inside = join(folder, "folder");
  await expect(findSources([inside], "jsonl")).rejects.toThrow(`${inside} is a folder; name the files in it.`);
  const unknown = findSources([await file("a.json", OUTCOME)], undefined);
  await expect(unknown).rejects.toThrow(UsageError);
  await expect(unknown).rejects.toThrow("Say it with --format.");
  await expect(findSources(["-", "-"], undefined)).rejects.toThrow("standard input (-) can be read only once");
});

test("a file that holds nothing or is damaged is no success", async () => {
  const header = "application_id,observed_at,defaulted\n";
  await expect(read(await file("blank.jsonl", "\n \t\r\n"))).rejects.toThrow("blank.jsonl holds no events.");
  await expect(read(await file("header.csv", header))).rejects.toThrow("header.csv holds no events.");
  await expect(read(await file("bad.csv", 'a,"b\n1,2\n'))).rejects.toThrow(
    "bad.csv:1: the header: the row can't be split",
  );
  await expect(read(await file("other.csv", "a,b\n1,2\n"))).rejects.toThrow(
    "other.csv has no column for application_id, observed_at, defaulted.",
  );
  await expect(read(await file("plain.jsonl.gz", OUTCOME))).rejects.toThrow("it is damaged or no gzip file");
  const cut = gzipSync(OUTCOME.repeat(100)).subarray(0, -9);
  await expect(read(await file("cut.jsonl.gz", cut))).rejects.toThrow("cut.jsonl.gz can't be unpacked");
});

test("the same file has the same origin in every run, standard input has none of another run", async () => {
  const path = await file("origin.jsonl", OUTCOME);
  const [first, second, input] = await findSources([path, path, "-"], undefined);
  expect(first!.origin).toBe(second!.origin);
  expect(input!.origin).toContain(`process ${process.pid}`);
});
