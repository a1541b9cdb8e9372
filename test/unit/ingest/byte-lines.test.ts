import fc from "fast-check";
import { expect, test } from "vitest";
import { byteLines, isBlank, type Line, withoutSignature } from "../../../src/ingest/byte-lines.ts";

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function flat(batches: AsyncIterable<Line[]>): Promise<Line[]> {
  return (await Array.fromAsync(batches)).flat();
}

/** The obvious way, on the whole file at once. */
function naiveLines(file: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let rest = file; rest.length > 0; ) {
    const end = rest.indexOf(0x0a);
    parts.push(end === -1 ? rest : rest.subarray(0, end));
    rest = end === -1 ? rest.subarray(rest.length) : rest.subarray(end + 1);
  }
  return parts;
}

/** Line feeds often, and everything that is no UTF-8. */
const bytes = fc.array(fc.oneof(fc.constant(0x0a), fc.integer({ min: 0, max: 255 })), { maxLength: 60 });
const chunked = fc.array(
  bytes.map((values) => Uint8Array.from(values)),
  { maxLength: 12 },
);

test("however a file is cut into chunks, its lines are those of the file", async () => {
  await fc.assert(
    fc.asyncProperty(chunked, async (chunks) => {
      const lines = await flat(byteLines(stream(chunks), 1_000_000));
      const expected = naiveLines(Buffer.concat(chunks));
      expect(lines.map((line) => Buffer.from(line.bytes).toString("latin1"))).toEqual(
        expected.map((line) => line.toString("latin1")),
      );
      expect(lines.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1));
    }),
  );
});

test("of a line that is too long no more than the limit is kept, and its length is known", async () => {
  await fc.assert(
    fc.asyncProperty(chunked, fc.integer({ min: 1, max: 8 }), async (chunks, most) => {
      const lines = await flat(byteLines(stream(chunks), most));
      const expected = naiveLines(Buffer.concat(chunks));
      expect(lines.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
      expect(lines.map((line) => Buffer.from(line.bytes).toString("latin1"))).toEqual(
        expected.map((line) => line.subarray(0, most).toString("latin1")),
      );
    }),
  );
});

test("a line comes out with the chunk that completes it", async () => {
  const batches = byteLines(stream([Buffer.from("a\nb"), Buffer.from("c\n"), Buffer.from("d")]), 100);
  const texts = (await Array.fromAsync(batches)).map((batch) =>
    batch.map((line) => Buffer.from(line.bytes).toString()),
  );
  expect(texts).toEqual([["a"], ["bc"], [], ["d"]]);
});

test("the signature before the first line goes, and only there", async () => {
  const signed = Buffer.from("\ufeffa\n\ufeffb\n");
  const lines = await flat(withoutSignature(byteLines(stream([signed.subarray(0, 2), signed.subarray(2)]), 100)));
  expect(lines.map((line) => [Buffer.from(line.bytes).toString(), line.length])).toEqual([
    ["a", 1],
    ["\ufeffb", 4],
  ]);
});

test("blank is white space alone", () => {
  const line = (text: string) => ({ number: 1, bytes: Buffer.from(text), length: Buffer.byteLength(text) });
  expect(["", " \t\r", "\r"].map((text) => isBlank(line(text)))).toEqual([true, true, true]);
  expect(["x", " 0 ", "\0", "\u00a0"].map((text) => isBlank(line(text)))).toEqual([false, false, false, false]);
  expect(isBlank({ number: 1, bytes: Buffer.from("  "), length: 9 })).toBe(false);
});
