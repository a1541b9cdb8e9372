import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalCdf, normalDensity, normalQuantile } from "../../../src/statistics/normal-distribution.ts";

describe("normalCdf", () => {
  it.each([
    // z and Φ(z) from Python's statistics and math modules.
    [0, 0.5],
    [-1, 0.15865525393145707],
    [2, 0.9772498680518208],
    [-1.96, 0.024997895148220435],
    [-5, 2.866515718791946e-7],
    [-10, 7.619853024160593e-24],
    [-30, 4.906713927148764e-198],
  ])("is right at %f", (z, expected) => {
    expect(Math.abs(normalCdf(z) / expected - 1)).toBeLessThan(1e-8);
    expect(Math.abs(normalCdf(z) - expected)).toBeLessThan(1e-14);
  });

  it("has the density as its slope", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -4, max: 4 }), (z) => {
        expect((normalCdf(z + 1e-5) - normalCdf(z - 1e-5)) / 2e-5).toBeCloseTo(normalDensity(z), 8);
      }),
    );
  });
});

describe("normalQuantile", () => {
  it("undoes normalCdf", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 1e-300, max: 1 - 1e-12 }), (p) => {
        expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(1e-7);
      }),
    );
  });

  it("goes to infinity at the ends and nowhere beyond them", () => {
    expect([0, 1, -0.1, 1.1, Number.NaN].map(normalQuantile)).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });
});
