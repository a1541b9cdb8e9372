import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquared, chiSquaredTail } from "../../../src/statistics/chi-squared.ts";
import { goldenCases, hasGoldenCases, nameOf } from "./golden-cases.ts";
import { pairedLists } from "./paired-lists.ts";

describe("chiSquared", () => {
  it.skipIf(!hasGoldenCases)("equals SciPy's in the categorical cases (needs ../shared)", () => {
    const cases = goldenCases().cases.filter((one) => one.kind === "categorical");
    expect(cases).toHaveLength(15);
    for (const one of cases) {
      const { expected } = one;
      const { statistic, degreesOfFreedom, pValue, cramersV } = chiSquared(one.reference_counts, one.current_counts);
      expect(Math.abs(statistic - expected.chi2_statistic), nameOf(one)).toBeLessThan(1e-9);
      expect(degreesOfFreedom, nameOf(one)).toBe(expected.chi2_dof);
      // Of itself: the smallest is 7e-100.
      expect(Math.abs(pValue / expected.chi2_pvalue - 1), nameOf(one)).toBeLessThan(1e-9);
      expect(Math.abs(cramersV - expected.cramers_v), nameOf(one)).toBeLessThan(1e-9);
    }
  });

  it("is symmetric, within its bounds, and never NaN", () => {
    fc.assert(
      fc.property(pairedLists, ([a, b]) => {
        const result = chiSquared(a, b);
        expect(result.statistic).toBeGreaterThanOrEqual(0);
        expect(result.statistic).toBeLessThan(Number.POSITIVE_INFINITY);
        expect(result.pValue).toBeGreaterThanOrEqual(0);
        expect(result.pValue).toBeLessThanOrEqual(1);
        expect(result.cramersV).toBeGreaterThanOrEqual(0);
        expect(result.cramersV).toBeLessThanOrEqual(1);
        const other = chiSquared(b, a);
        expect(other.statistic).toBeCloseTo(result.statistic, 6);
        expect(other.degreesOfFreedom).toBe(result.degreesOfFreedom);
      }),
    );
  });

  it("sees nothing in equal counts, and leaves out columns that are empty in both", () => {
    fc.assert(
      fc.property(pairedLists, ([a, b]) => {
        expect(chiSquared(a, a)).toMatchObject({ pValue: 1, cramersV: 0 });
        expect(chiSquared([0, ...a, 0], [0, ...b, 0])).toEqual(chiSquared(a, b));
      }),
    );
  });

  it("finds lists without a common column entirely apart", () => {
    const { statistic, degreesOfFreedom, pValue, cramersV } = chiSquared([1_000_000, 0], [0, 1_000_000]);
    expect([statistic, degreesOfFreedom, pValue, cramersV]).toEqual([2_000_000, 1, 0, 1]);
  });

  it("has nothing to say where there is nothing to compare", () => {
    const nothing = { statistic: 0, pValue: 1, cramersV: 0 };
    expect(chiSquared([], [])).toEqual({ ...nothing, degreesOfFreedom: 0 });
    expect(chiSquared([0, 7], [0, 9])).toEqual({ ...nothing, degreesOfFreedom: 0 });
    expect(chiSquared([0, 0], [3, 9])).toEqual({ ...nothing, degreesOfFreedom: 1 });
    expect(chiSquared([3, 9], [0, 0])).toEqual({ ...nothing, degreesOfFreedom: 1 });
    expect(() => chiSquared([1], [1, 2])).toThrow(RangeError);
  });
});

describe("chiSquaredTail", () => {
  it.each([
    // The usual critical values at 5 %.
    [3.841458820694124, 1],
    [18.307038053275146, 10],
    [77.93052380523042, 59],
  ])("is 5 %% at %f with %i degrees of freedom", (statistic, degreesOfFreedom) => {
    expect(chiSquaredTail(statistic, degreesOfFreedom)).toBeCloseTo(0.05, 12);
  });
});
