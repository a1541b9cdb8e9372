import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binIndex } from "../../../src/statistics/bins.ts";
import { distributionOf } from "../../../src/statistics/distribution.ts";
import { kolmogorovTail } from "../../../src/statistics/kolmogorov-distribution.ts";
import { kolmogorovSmirnov, kolmogorovSmirnovPValue } from "../../../src/statistics/kolmogorov-smirnov.ts";
import { goldenCases, hasGoldenCases, nameOf } from "./golden-cases.ts";
import { pairedLists } from "./paired-lists.ts";

/** Counts with one bin per distinct value, on which the statistic is exact. */
function exactBins(reference: readonly number[], current: readonly number[]): [Float64Array, Float64Array] {
  const values = [...new Set([...reference, ...current])].sort((a, b) => a - b);
  const bin = new Map(values.map((value, i) => [value, i]));
  const countsOf = (sample: readonly number[]) => {
    const counts = new Float64Array(values.length);
    for (const value of sample) counts[bin.get(value)!]! += 1;
    return counts;
  };
  return [countsOf(reference), countsOf(current)];
}

describe("kolmogorovSmirnov", () => {
  it.skipIf(!hasGoldenCases)(
    "equals SciPy's in the numeric cases, and from 60 bins within 0.02 (needs ../shared)",
    () => {
      const cases = goldenCases().cases.filter((one) => one.kind === "numeric");
      expect(cases).toHaveLength(35);
      for (const one of cases) {
        const { ks_statistic, ks_pvalue_asymptotic } = one.expected;
        const exact = kolmogorovSmirnov(...exactBins(one.reference, one.current));
        expect(Math.abs(exact.statistic - ks_statistic), nameOf(one)).toBeLessThan(1e-12);
        expect(Math.abs(exact.pValue - ks_pvalue_asymptotic), nameOf(one)).toBeLessThan(1e-9);
        if (ks_pvalue_asymptotic < 0.02) {
          expect(Math.abs(exact.pValue / ks_pvalue_asymptotic - 1), nameOf(one)).toBeLessThan(1e-9);
        }
        const { edges, counts } = distributionOf(one.reference);
        const current = new Array<number>(counts.length).fill(0);
        for (const value of one.current) current[binIndex(edges, value)]! += 1;
        const { statistic } = kolmogorovSmirnov(counts, current);
        expect(statistic, nameOf(one)).toBeLessThanOrEqual(ks_statistic + 1e-12);
        expect(statistic, nameOf(one)).toBeGreaterThan(ks_statistic - 0.02);
      }
    },
  );

  it("is symmetric and between 0 and 1, and sees nothing in equal counts", () => {
    fc.assert(
      fc.property(pairedLists, ([a, b]) => {
        const { statistic, pValue } = kolmogorovSmirnov(a, b);
        expect(kolmogorovSmirnov(b, a)).toEqual({ statistic, pValue });
        for (const value of [statistic, pValue]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        expect(kolmogorovSmirnov(a, a)).toEqual({ statistic: 0, pValue: 1 });
      }),
    );
  });

  it("has nothing to say where there is nothing to compare", () => {
    for (const [a, b] of [
      [[], []],
      [[5], [9]],
      [
        [0, 0],
        [3, 4],
      ],
      [
        [3, 4],
        [0, 0],
      ],
    ] as const) {
      expect(kolmogorovSmirnov(a, b)).toEqual({ statistic: 0, pValue: 1 });
    }
    expect(() => kolmogorovSmirnov([1], [1, 2])).toThrow(RangeError);
  });

  it("is not certain of a handful of numbers", () => {
    expect(kolmogorovSmirnov([1, 0], [0, 1]).pValue).toBeCloseTo(1, 12);
    // Of the 70 ways to mix four and four numbers, two keep them apart.
    expect(kolmogorovSmirnovPValue(1, 4, 4)).toBeCloseTo(2 / 70, 12);
  });
});

describe("kolmogorovTail", () => {
  it.each([
    // SciPy 1.17, kstwo.sf(d, n): each method and both sides of each change between methods.
    [0.3, 5, 0.664, 1e-9],
    [0.9, 5, 1.9999999999999978e-5, 1e-9],
    [0.1, 100, 0.2526927570063874, 1e-9],
    [0.19, 100, 0.0012339926382722768, 1e-9],
    [0.21, 100, 0.00023947345214651332, 1e-9],
    [0.12, 141, 0.03160060527758468, 1e-9],
    [0.13, 141, 0.015449346308454497, 1e-9],
    [0.0135, 667, 0.9996078380103143, 1e-9],
    [0.0163, 667, 0.9932002601424136, 1e-9],
    [0.0164, 667, 0.9926704712979382, 1e-9],
    [0.03, 667, 0.5751029778664454, 1e-9],
    [0.0574, 667, 0.02370380369978453, 1e-9],
    [0.0575, 667, 0.023341295596559123, 1e-9],
    [0.27, 667, 1.9453035952682753e-43, 1e-9],
    [0.01, 2001, 0.9871020885980286, 1e-7],
    [0.1, 10000, 1.6633113315950355e-87, 1e-9],
    [0.02, 10001, 0.0006611556806932119, 1e-6],
    [0.05, 10001, 3.6145036352416276e-22, 0.0001],
    [0.003, 100000, 0.3284563327726956, 1e-6],
  ])("is right at d = %f for %i numbers", (d, n, expected, tolerance) => {
    expect(Math.abs(kolmogorovTail(d, n) / expected - 1)).toBeLessThan(tolerance);
  });

  it("falls from 1 to 0 as d grows", () => {
    const unit = fc.double({ noNaN: true, min: 0, max: 1 });
    fc.assert(
      fc.property(unit, unit, fc.integer({ min: 1, max: 3_000 }), (one, other, n) => {
        const more = kolmogorovTail(Math.min(one, other), n);
        const less = kolmogorovTail(Math.max(one, other), n);
        expect(less).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(1);
        expect(more - less).toBeGreaterThan(-1e-7);
      }),
    );
    expect([0, 1].map((d) => kolmogorovTail(d, 500))).toEqual([1, 0]);
  });
});
