import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantile, sortedNumbers } from "../../../src/statistics/quantiles.ts";

const GOLDEN = new URL("../../../../shared/golden/drift-statistics.json.gz", import.meta.url);

describe("quantile", () => {
  it("interpolates linearly between order statistics", () => {
    const sorted = sortedNumbers([40, 10, 30, 20]);
    expect([0, 0.25, 0.5, 0.9, 1].map((q) => quantile(sorted, q))).toEqual([10, 17.5, 25, 37, 40]);
  });

  it("is an order statistic itself where the position is one but for rounding", () => {
    // 0.7 · 10 and 0.58 · 50 are not whole in binary; the exact positions are 7 and 29.
    const sorted = sortedNumbers(Array.from({ length: 51 }, (_, i) => i / 3));
    expect(quantile(sorted, 0.58)).toBe(sorted[29]);
    expect(quantile(sorted.subarray(0, 11), 0.7)).toBe(sorted[7]);
  });

  it("is ascending in q and stays within the sample", () => {
    const finite = fc.double({ noNaN: true, min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1 }), fc.double({ noNaN: true, min: 0, max: 1 }), (values, q) => {
        const sorted = sortedNumbers(values);
        const value = quantile(sorted, q);
        expect(value).toBeGreaterThanOrEqual(sorted[0]!);
        expect(value).toBeLessThanOrEqual(sorted.at(-1)!);
        expect(quantile(sorted, q / 2)).toBeLessThanOrEqual(value + Math.abs(value) * 1e-12);
      }),
    );
  });

  it("refuses an empty sample and a q that is no share", () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.1)).toThrow(RangeError);
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });

  it.skipIf(!existsSync(GOLDEN))("equals NumPy's deciles (needs ../shared)", () => {
    type Case = { kind: string; feature: string; reference: number[]; expected: { psi_edges: number[] } };
    const { cases } = JSON.parse(gunzipSync(readFileSync(GOLDEN)).toString()) as { cases: Case[] };
    const numeric = cases.filter(({ kind }) => kind === "numeric");
    expect(numeric.length).toBeGreaterThan(20);
    for (const { feature, reference, expected } of numeric) {
      const sorted = sortedNumbers(reference);
      const deciles = Array.from({ length: 9 }, (_, k) => quantile(sorted, (k + 1) / 10));
      // The golden edges are inner ones: a decile that is the minimum isn't among them.
      const unique = [...new Set(deciles)].filter((edge) => edge > sorted[0]!);
      expect(unique).toHaveLength(expected.psi_edges.length);
      // The last bits depend on how one writes 3/10; scores are rounded in the file.
      const tolerance = feature === "score" ? 1e-5 : 1e-13;
      for (const [k, edge] of expected.psi_edges.entries()) {
        expect(Math.abs(unique[k]! - edge), feature).toBeLessThanOrEqual(tolerance * Math.abs(edge));
      }
    }
  });
});
