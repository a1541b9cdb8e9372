import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquared } from "../../../src/statistics/chi-squared.ts";
import { normalCdf } from "../../../src/statistics/normal-distribution.ts";
import { twoProportion } from "../../../src/statistics/two-proportion.ts";

const share = fc.nat(100_000).chain((n) => fc.record({ count: fc.nat(n), n: fc.constant(n) }));

describe("twoProportion", () => {
  it("is the pooled test", () => {
    // p = 130 / 1500, z = 0.04 / √(p (1 − p) (1/1000 + 1/500)).
    const { difference, z, pValue } = twoProportion({ count: 100, n: 1000 }, { count: 30, n: 500 });
    expect(difference).toBeCloseTo(-0.04, 15);
    expect(z).toBeCloseTo(-2.595724900617469, 12);
    expect(pValue).toBeCloseTo(0.009439160622441873, 14);
  });

  it("is χ² of the 2 × 2 table, and turns around with its samples", () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        const { difference, z, pValue } = twoProportion(a, b);
        const table = chiSquared([a.count, a.n - a.count], [b.count, b.n - b.count]);
        expect(z * z).toBeCloseTo(table.statistic, 5);
        expect(pValue).toBeCloseTo(table.pValue, 8);
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
        const other = twoProportion(b, a);
        expect([other.difference + difference, other.z + z]).toEqual([0, 0]);
        expect(twoProportion(a, a)).toEqual({ difference: 0, z: 0, pValue: 1 });
      }),
    );
  });

  it("keeps a tiny p-value", () => {
    const { z, pValue } = twoProportion({ count: 500, n: 1000 }, { count: 700, n: 1000 });
    expect(pValue / (2 * normalCdf(-Math.abs(z)))).toBeCloseTo(1, 7);
    expect(twoProportion({ count: 0, n: 1e6 }, { count: 1e6, n: 1e6 })).toMatchObject({ difference: 1, pValue: 0 });
  });

  it("has nothing to say where there is nothing to compare", () => {
    const nothing = { difference: 0, z: 0, pValue: 1 };
    expect(twoProportion({ count: 0, n: 0 }, { count: 3, n: 4 })).toEqual(nothing);
    expect(twoProportion({ count: 3, n: 4 }, { count: 0, n: 0 })).toEqual(nothing);
    expect(twoProportion({ count: 0, n: 9 }, { count: 0, n: 4 })).toEqual(nothing);
    expect(twoProportion({ count: 9, n: 9 }, { count: 4, n: 4 })).toEqual(nothing);
    expect(() => twoProportion({ count: 5, n: 4 }, { count: 1, n: 4 })).toThrow(RangeError);
    expect(() => twoProportion({ count: 1, n: 4 }, { count: Number.NaN, n: 4 })).toThrow(RangeError);
  });
});
