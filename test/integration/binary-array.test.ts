import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bigintArray, doubleArray, textArray, timestampArray } from "../../src/platform/binary-array.ts";
import { databaseOfFile } from "../support/test-database.ts";

const database = databaseOfFile();

/** What the server understands an array to be, element by element in order. */
async function unnested(type: string, array: Buffer, shown = "element"): Promise<unknown[]> {
  const text = `select ${shown} as shown from unnest($1::${type}[]) with ordinality as t (element, at) order by at`;
  const { rows } = await database().query<{ shown: unknown }>({ text, values: [array] });
  return rows.map((row) => row.shown);
}

const RUNS = { numRuns: 200 };
const orNull = <T>(values: fc.Arbitrary<T>) => fc.array(fc.option(values, { freq: 4 }));
const storable = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed());

describe("an array in binary form is the same array at the server", () => {
  it("of texts, as strings or as bytes, empty ones and nulls among them", async () => {
    const values = orNull(fc.tuple(storable, fc.boolean()));
    await fc.assert(
      fc.asyncProperty(values, async (texts) => {
        const array = textArray(texts.map((text) => text && (text[1] ? Buffer.from(text[0]) : text[0])));
        expect(await unnested("text", array)).toEqual(texts.map((text) => text?.[0] ?? null));
      }),
      RUNS,
    );
  });

  it("of texts that are large", async () => {
    const texts = ["é".repeat(100_000), "", "x".repeat(262_144), undefined];
    expect(await unnested("text", textArray(texts))).toEqual([texts[0], "", texts[2], null]);
  });

  it("of whole numbers", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.maxSafeInteger()), async (numbers) => {
        expect((await unnested("int8", bigintArray(numbers))).map(Number)).toEqual(numbers);
      }),
      RUNS,
    );
    await expect(async () => bigintArray([0.5])).rejects.toThrow();
  });

  it("of doubles, to the last bit", async () => {
    const bits = (value: number | null) => value && Buffer.from(new Float64Array([value]).buffer).toString("hex");
    await fc.assert(
      fc.asyncProperty(orNull(fc.double({ noNaN: true })), async (numbers) => {
        const answers = (await unnested("float8", doubleArray(numbers))) as (number | null)[];
        expect(answers.map(bits)).toEqual(numbers.map(bits));
      }),
      RUNS,
    );
    expect(await unnested("float8", doubleArray([Number.NaN, -0]), "element::text")).toEqual(["NaN", "-0"]);
  });

  it("of instants, to the millisecond, in every year that an application may have", async () => {
    const instants = fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    await fc.assert(
      fc.asyncProperty(orNull(instants.map(Number)), async (times) => {
        const exact = await unnested(
          "timestamptz",
          timestampArray(times),
          "(extract(epoch from element) * 1000)::int8",
        );
        expect(exact.map((ms) => ms && Number(ms))).toEqual(times);
        const read = (await unnested("timestamptz", timestampArray(times))) as (Date | null)[];
        expect(read.map((date) => date && Number(date))).toEqual(times);
      }),
      RUNS,
    );
  });

  it("of whole numbers with nulls among them", async () => {
    expect(await unnested("int8", bigintArray([1, null, -2]))).toEqual(["1", null, "-2"]);
  });
});
