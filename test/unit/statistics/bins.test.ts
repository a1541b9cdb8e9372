import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BIN_COUNT, binIndex, binsOf, groupCounts, MAX_VALUE_BINS } from "../../../src/statistics/bins.ts";
import { quantile, sortedNumbers } from "../../../src/statistics/quantiles.ts";

const GOLDEN = new URL("../../../../shared/golden/drift-statistics.json.gz", import.meta.url);

const number = fc
  .oneof(fc.integer({ min: -5, max: 60 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 }))
  // Two zeros would count as two distinct values.
  .map((value) => value + 0);
const sample = fc.array(number, { minLength: 1, maxLength: 400 });

function countsOf(values: Iterable<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binIndex(edges, value)]! += 1;
  return counts;
}

describe("binIndex", () => {
  it("counts the edges at or below the value, as a linear search does", () => {
    const edges = fc.uniqueArray(number).map((values) => [...sortedNumbers(values)]);
    fc.assert(
      fc.property(edges, number, (ascending, value) => {
        expect(binIndex(ascending, value)).toBe(ascending.filter((edge) => edge <= value).length);
      }),
    );
  });

  it("puts an edge into the bin on its right", () => {
    expect([59, 60, 61].map((value) => binIndex([60], value))).toEqual([0, 1, 1]);
  });
});

describe("binsOf", () => {
  it("has ascending edges, the group edges among them, and no more bins than allowed", () => {
    fc.assert(
      fc.property(sample, (values) => {
        const { method, edges, groupEdges } = binsOf(sortedNumbers(values));
        expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b));
        expect(edges).toEqual(expect.arrayContaining([...groupEdges]));
        expect(edges.length).toBeLessThan(method === "values" ? MAX_VALUE_BINS + 2 : BIN_COUNT);
      }),
    );
  });

  it("has no negative zero as an edge, which a file would turn into another", () => {
    expect(binsOf(Float64Array.of(-Number.MIN_VALUE)).edges).toEqual([-Number.MIN_VALUE, 0]);
  });

  it("makes every decile of a many-valued sample an edge, and the deciles above the minimum bound the groups", () => {
    const manyValued = fc.uniqueArray(number, { minLength: MAX_VALUE_BINS + 1, maxLength: 300 });
    fc.assert(
      fc.property(manyValued, (values) => {
        const sorted = sortedNumbers(values);
        const { edges, groupEdges } = binsOf(sorted);
        const deciles = new Set(Array.from({ length: 9 }, (_, k) => quantile(sorted, (k + 1) / 10)));
        expect(edges).toEqual(expect.arrayContaining([...deciles]));
        expect(groupEdges).toEqual([...deciles].filter((edge) => edge > sorted[0]!));
      }),
    );
  });

  it("spreads distinct numbers evenly over 60 bins", () => {
    const { edges } = binsOf(sortedNumbers(Array.from({ length: 6_000 }, (_, i) => i)));
    expect(countsOf(Array(6_000).keys(), edges)).toEqual(new Array(60).fill(100));
  });

  it("gives each of a few values a bin of its own", () => {
    const terms = [...new Array(95).fill(36), ...new Array(5).fill(60)];
    expect(binsOf(sortedNumbers(terms))).toEqual({ method: "values", edges: [60], groupEdges: [60] });
  });

  it("merges rare values with one another, never with a common one", () => {
    const records = [...new Array(990).fill(0), 1, 2, ...new Array(50).fill(3), 4, 5, 6];
    expect(binsOf(sortedNumbers(records)).edges).toEqual([1, 3, 4]);
  });

  it("tells a constant from what is below and above it", () => {
    for (const constant of [0, 36, -2.5]) {
      const { edges } = binsOf(sortedNumbers([constant, constant]));
      const above = constant + Math.abs(constant) * 1e-15 + Number.MIN_VALUE;
      expect([constant - 1e-9, constant, above].map((value) => binIndex(edges, value))).toEqual([0, 1, 2]);
    }
  });

  it("sees a move away from a value that nearly everyone has", () => {
    const collections = [...new Array(9_900).fill(0), ...Array.from({ length: 100 }, (_, i) => 50 + i)];
    const { edges, groupEdges } = binsOf(sortedNumbers(collections));
    expect(binIndex(edges, 0)).not.toBe(binIndex(edges, 50));
    expect(binIndex(groupEdges, 0)).not.toBe(binIndex(groupEdges, 50));
  });

  it("has one bin for a sample without numbers", () => {
    expect(binsOf(sortedNumbers([])).edges).toEqual([]);
  });
});

describe("groupCounts", () => {
  it("counts what counting on the group edges would", () => {
    fc.assert(
      fc.property(sample, sample, (reference, current) => {
        const bins = binsOf(sortedNumbers(reference));
        expect(groupCounts(countsOf(current, bins.edges), bins)).toEqual(countsOf(current, bins.groupEdges));
      }),
    );
  });

  it.skipIf(!existsSync(GOLDEN))("gives NumPy's decile counts from the fine bins (needs ../shared)", () => {
    type Expected = { reference_counts: number[]; current_counts: number[] };
    type Case = { kind: string; feature: string; reference: number[]; current: number[]; expected: Expected };
    const { cases } = JSON.parse(gunzipSync(readFileSync(GOLDEN)).toString()) as { cases: Case[] };
    const numeric = cases.filter(({ kind }) => kind === "numeric");
    for (const { feature, reference, current, expected } of numeric) {
      const bins = binsOf(sortedNumbers(reference));
      // inquiries_6m has few values in these samples and hence one bin per value.
      expect(bins.method, feature).toBe(feature === "inquiries_6m" ? "values" : "quantiles");
      if (bins.method === "values") continue;
      expect(groupCounts(countsOf(reference, bins.edges), bins)).toEqual(expected.reference_counts);
      expect(groupCounts(countsOf(current, bins.edges), bins)).toEqual(expected.current_counts);
    }
  });
});
