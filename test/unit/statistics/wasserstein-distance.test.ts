import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binIndex } from "../../../src/statistics/bins.ts";
import { distributionOf } from "../../../src/statistics/distribution.ts";
import { wassersteinNormed } from "../../../src/statistics/wasserstein-distance.ts";
import { goldenCases, hasGoldenCases, nameOf } from "./golden-cases.ts";

function binned(values: readonly number[], edges: readonly number[]) {
  const counts = new Array<number>(edges.length + 1).fill(0);
  const sums = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    counts[binIndex(edges, value)]! += 1;
    sums[binIndex(edges, value)]! += value;
  }
  return { counts, sums };
}

const sample = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 200 });

describe("wassersteinNormed", () => {
  it.skipIf(!hasGoldenCases)("is within 0.03 of SciPy's from 60 bins (needs ../shared)", () => {
    for (const one of goldenCases().cases.filter((golden) => golden.kind === "numeric")) {
      const reference = distributionOf(one.reference);
      const distance = wassersteinNormed(reference, binned(one.current, reference.edges))!;
      expect(Math.abs(distance - one.expected.wasserstein_normed), nameOf(one)).toBeLessThan(0.03);
    }
  });

  it("is the mean move of the sorted numbers when each has a bin of its own", () => {
    fc.assert(
      fc.property(sample, fc.infiniteStream(fc.integer({ min: -500, max: 500 })), (a, stream) => {
        const b = [...stream.take(a.length)];
        const edges = [...new Set([...a, ...b])].sort((x, y) => x - y);
        const sortedB = b.toSorted((x, y) => x - y);
        const moved = a.toSorted((x, y) => x - y).reduce((sum, value, i) => sum + Math.abs(value - sortedB[i]!), 0);
        const distance = wassersteinNormed({ ...binned(a, edges), standard_deviation: 1 }, binned(b, edges));
        expect(distance).toBeCloseTo(moved / a.length, 8);
      }),
    );
  });

  it("is symmetric, 0 for equal counts, and counts in standard deviations", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [x, y] = [binned(a, [-100, 0, 100]), binned(b, [-100, 0, 100])];
        const distance = wassersteinNormed({ ...x, standard_deviation: 1 }, y)!;
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(wassersteinNormed({ ...y, standard_deviation: 1 }, x)).toBeCloseTo(distance, 8);
        expect(wassersteinNormed({ ...x, standard_deviation: 4 }, y)).toBeCloseTo(distance / 4, 8);
        expect(wassersteinNormed({ ...x, standard_deviation: 1 }, x)).toBeCloseTo(0, 10);
      }),
    );
  });

  it("has nothing to say where there is nothing to compare or no unit", () => {
    const some = { counts: [1, 2], sums: [3, 8] };
    const none = { counts: [0, 0], sums: [0, 0] };
    expect(wassersteinNormed({ ...none, standard_deviation: null }, some)).toBe(0);
    expect(wassersteinNormed({ ...some, standard_deviation: 1 }, none)).toBe(0);
    expect(wassersteinNormed({ counts: [4], sums: [8], standard_deviation: 0 }, { counts: [1], sums: [3] })).toBeNull();
    expect(() => wassersteinNormed({ ...some, standard_deviation: 1 }, { counts: [1], sums: [1] })).toThrow(RangeError);
    expect(() => wassersteinNormed({ ...some, standard_deviation: 1 }, { ...some, sums: [1] })).toThrow(RangeError);
  });
});
