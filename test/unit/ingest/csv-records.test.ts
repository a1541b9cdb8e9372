import fc from "fast-check";
import { expect, test } from "vitest";
import type { Line } from "../../../src/ingest/byte-lines.ts";
import { csvCells } from "../../../src/ingest/csv-cells.ts";
import { csvRecords } from "../../../src/ingest/csv-records.ts";

/** The lines of a file in batches of some size. */
async function* linesOf(file: Buffer, size: number): AsyncGenerator<Line[]> {
  const parts = file.toString("latin1").split("\n");
  if (parts.at(-1) === "") parts.pop();
  const lines = parts.map((part, index) => {
    const bytes = Buffer.from(part, "latin1");
    return { number: index + 1, bytes, length: bytes.length };
  });
  for (let from = 0; from < lines.length; from += size) yield lines.slice(from, from + size);
}

async function recordsOf(file: string | Buffer, size = 2, most = 10_000): Promise<Line[]> {
  return (await Array.fromAsync(csvRecords(linesOf(Buffer.from(file), size), most))).flat();
}

async function cellsOf(file: string): Promise<unknown[]> {
  const rows = csvCells((await recordsOf(file)).map(({ bytes }) => bytes));
  return rows.map((row) => ("cells" in row ? row.cells : row.fault));
}

const cell = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "\n", " ", "7", "\r"), maxLength: 6 });
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });

test("what is written as RFC 4180 says is read as it was", async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), fc.integer({ min: 1, max: 5 }), async (rows, end, size) => {
      const written = rows
        .map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(",") + end)
        .join("");
      const records = await recordsOf(written, size);
      expect(csvCells(records.map(({ bytes }) => bytes))).toEqual(rows.map((cells) => ({ cells })));
    }),
  );
});

test("whatever the bytes, no line is lost, none comes twice, and their order stays", async () => {
  const byte = fc.oneof(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(byte, { maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 30 }),
      async (values, size, most) => {
        const file = Buffer.from(values);
        const records = await recordsOf(file, size, most);
        const whole = records.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join("\n");
        expect(whole).toBe(file.toString("latin1").replace(/\n$/, ""));
        expect(records.map(({ number }) => number)).toEqual(records.map(({ number }) => number).sort((a, b) => a - b));
      },
    ),
  );
});

test("a record has the number of its first line", async () => {
  const records = await recordsOf('a,b\n"1\n1",2\n3,4\n');
  expect(records.map(({ number, bytes }) => [number, Buffer.from(bytes).toString()])).toEqual([
    [1, "a,b"],
    [2, '"1\n1",2'],
    [4, "3,4"],
  ]);
});

test("a row with wrong quotes is one bad row, wherever the next quote is", async () => {
  const bad = "the row can't be split into cells: a quote stands inside a cell or is not closed";
  expect(await cellsOf('1,"open\n2,b\n3,c\n')).toEqual([bad, ["2", "b"], ["3", "c"]]);
  expect(await cellsOf('1,"open\n2,b\n3,"fine"\n')).toEqual([bad, ["2", "b"], ["3", "fine"]]);
  expect(await cellsOf('1,a"b\n2,b\n')).toEqual([bad, ["2", "b"]]);
  expect(await cellsOf('1,"a"b\n2,"b\nc"\n')).toEqual([bad, ["2", "b\nc"]]);
});

test("a record that never ends is given up at the limit", async () => {
  const rows = Array.from({ length: 100 }, (_, row) => `${row},plain`);
  const records = await recordsOf(`x,"open\n${rows.join("\n")}\n`, 10, 200);
  expect(records).toHaveLength(101);
});

test("a row that is no UTF-8 doesn't keep the others from being read", () => {
  const rows = csvCells([Buffer.from("1,é"), Buffer.from("2,\xff", "latin1"), Buffer.from("3,c")]);
  expect(rows).toEqual([
    { cells: ["1", "é"] },
    { fault: "the row is not UTF-8 text; encode the file as UTF-8" },
    { cells: ["3", "c"] },
  ]);
});
