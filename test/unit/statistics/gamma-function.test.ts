import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logGamma, upperIncompleteGamma } from "../../../src/statistics/gamma-function.ts";

describe("logGamma", () => {
  it("is the logarithm of the factorial", () => {
    let logFactorial = 0;
    for (let n = 1; n <= 170; n += 1) {
      logFactorial += Math.log(n);
      expect(Math.abs(logGamma(n + 1) - logFactorial)).toBeLessThan(1e-14 * Math.max(1, logFactorial) * 10);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
    expect(logGamma(0.1)).toBeCloseTo(2.252712651734206, 14);
  });
});

describe("upperIncompleteGamma", () => {
  it.each([
    // From mpmath with 30 digits.
    [0.5, 0.001, 0.9643294082703201],
    [0.5, 2, 0.04550026389635842],
    [0.5, 300, 1.674167984691788e-132],
    [1, 1.5, 0.22313016014842982],
    [2, 2.9, 0.2145905582199882],
    [2, 3.1, 0.18470172981358698],
    [2.5, 40, 8.391825114831611e-16],
    [10, 1, 0.9999998885745217],
    [10, 600, 7.472427257335869e-242],
    [29.5, 30, 0.43924745666029413],
    [100, 250, 1.1737017704487874e-27],
    [1000, 1100, 0.0010593232539299773],
  ])("is right at a = %f, x = %f", (a, x, expected) => {
    expect(Math.abs(upperIncompleteGamma(a, x) / expected - 1)).toBeLessThan(1e-11);
  });

  it("is e^-x at a = 1, and satisfies its recurrence", () => {
    const positive = fc.double({ noNaN: true, min: 0.01, max: 300 });
    fc.assert(
      fc.property(positive, positive, (a, x) => {
        expect(upperIncompleteGamma(1, x) / Math.exp(-x)).toBeCloseTo(1, 12);
        const step = Math.exp(a * Math.log(x) - x - logGamma(a + 1));
        expect(upperIncompleteGamma(a + 1, x)).toBeCloseTo(upperIncompleteGamma(a, x) + step, 11);
      }),
    );
  });

  it("falls from 1 to 0 and is never NaN", () => {
    const a = fc.double({ noNaN: true, min: 0.1, max: 1e4 });
    const x = fc.double({ noNaN: true, min: 0, max: 1e9 });
    fc.assert(
      fc.property(a, x, x, (shape, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const [more, less] = [upperIncompleteGamma(shape, low), upperIncompleteGamma(shape, high)];
        expect(less).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(1);
        expect(more - less).toBeGreaterThan(-1e-11);
      }),
    );
    expect(upperIncompleteGamma(3, 0)).toBe(1);
    expect([1e5, 1e300, Number.POSITIVE_INFINITY].map((far) => upperIncompleteGamma(3, far))).toEqual([0, 0, 0.0]);
  });

  it("refuses what it is not defined for", () => {
    for (const [a, x] of [
      [0, 1],
      [-1, 1],
      [1, -1],
      [Number.NaN, 1],
      [1, Number.NaN],
    ] as const) {
      expect(() => upperIncompleteGamma(a, x)).toThrow(RangeError);
    }
  });
});
