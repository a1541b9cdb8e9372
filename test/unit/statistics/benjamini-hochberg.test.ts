import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { benjaminiHochberg } from "../../../src/statistics/benjamini-hochberg.ts";
import { goldenCases, hasGoldenCases } from "./golden-cases.ts";

const pValues = fc.array(fc.double({ noNaN: true, min: 0, max: 1 }), { maxLength: 40 });

describe("benjaminiHochberg", () => {
  it.skipIf(!hasGoldenCases)("equals the golden answer to the bit, in any order (needs ../shared)", () => {
    const { p, adjusted } = goldenCases().benjamini_hochberg;
    expect(benjaminiHochberg(p)).toEqual(adjusted);
    expect(benjaminiHochberg(p.toReversed())).toEqual(adjusted.toReversed());
  });

  it("keeps the order of the p-values, between each and 1", () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const adjusted = benjaminiHochberg(p);
        for (let i = 0; i < p.length; i += 1) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p[i]!);
          expect(adjusted[i]).toBeLessThanOrEqual(1);
          for (let j = 0; j < i; j += 1) if (p[i]! <= p[j]!) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        }
      }),
    );
  });

  it("rejects what the step-up procedure rejects", () => {
    fc.assert(
      fc.property(pValues, fc.double({ noNaN: true, min: 0.001, max: 0.5 }), (p, q) => {
        const ascending = p.toSorted((a, b) => a - b);
        const last = ascending.findLastIndex((value, i) => (value * p.length) / (i + 1) <= q);
        const rejected = p.filter((value) => last >= 0 && value <= ascending[last]!);
        expect(benjaminiHochberg(p).filter((adjusted) => adjusted <= q)).toHaveLength(rejected.length);
      }),
    );
  });

  it("leaves one p-value as it is, none none, and refuses what is none", () => {
    expect(benjaminiHochberg([0.03])).toEqual([0.03]);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(() => benjaminiHochberg([0.1, Number.NaN])).toThrow(/p-value 1/);
    expect(() => benjaminiHochberg([1.1])).toThrow(RangeError);
  });
});
