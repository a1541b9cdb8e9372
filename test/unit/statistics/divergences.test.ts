import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jensenShannonDistance } from "../../../src/statistics/jensen-shannon-distance.ts";
import { populationStabilityIndex } from "../../../src/statistics/population-stability-index.ts";
import { smoothedProportions } from "../../../src/statistics/smoothed-proportions.ts";
import { goldenCases, groupsOf, hasGoldenCases, nameOf } from "./golden-cases.ts";
import { pairedLists } from "./paired-lists.ts";

describe("smoothedProportions", () => {
  it("adds half a count to each cell", () => {
    expect([...smoothedProportions([0, 3, 5])]).toEqual([0.5 / 9.5, 3.5 / 9.5, 5.5 / 9.5]);
    expect([...smoothedProportions([0, 0])]).toEqual([0.5, 0.5]);
    expect([...smoothedProportions([])]).toEqual([]);
  });

  it("sums to 1 and leaves no cell without a share", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), (counts) => {
        const proportions = smoothedProportions(counts);
        expect(proportions.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        expect(Math.min(...proportions)).toBeGreaterThan(0);
      }),
    );
  });
});

describe.each([
  ["populationStabilityIndex", populationStabilityIndex, "psi", Number.POSITIVE_INFINITY],
  ["jensenShannonDistance", jensenShannonDistance, "jensen_shannon_distance_base2", 1],
] as const)("%s", (_, divergence, golden, most) => {
  it.skipIf(!hasGoldenCases)("equals SciPy's in 50 cases (needs ../shared)", () => {
    const { cases } = goldenCases();
    expect(cases).toHaveLength(50);
    for (const one of cases) {
      const difference = divergence(...groupsOf(one)) - one.expected[golden];
      expect(Math.abs(difference), nameOf(one)).toBeLessThan(1e-9);
    }
  });

  it("is symmetric, finite with empty cells, and at least 0", () => {
    fc.assert(
      fc.property(pairedLists, ([a, b]) => {
        const value = divergence(a, b);
        expect(value).toBeCloseTo(divergence(b, a), 10);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(most);
        expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });

  it("is 0 for equal counts and does not depend on the order of the cells", () => {
    fc.assert(
      fc.property(pairedLists, ([a, b]) => {
        expect(divergence(a, a)).toBe(0);
        expect(divergence(a.toReversed(), b.toReversed())).toBeCloseTo(divergence(a, b), 10);
      }),
    );
  });

  it("is 0 where there is nothing to compare", () => {
    expect(divergence([], [])).toBe(0);
    expect(divergence([7], [900])).toBe(0);
    expect(divergence([0, 0], [1, 99])).toBe(0);
    expect(divergence([1, 99], [0, 0])).toBe(0);
  });

  it("refuses counts of different cells and what is no count", () => {
    expect(() => divergence([1, 2], [1, 2, 3])).toThrow(RangeError);
    expect(() => divergence([1, -2], [1, 2])).toThrow(RangeError);
    expect(() => divergence([1, 2], [1, Number.NaN])).toThrow(RangeError);
  });
});
