import { chiSquaredTail } from "./chi-squared.ts";

/** `count` of `n` have the property. */
export type Share = { readonly count: number; readonly n: number };

export type TwoProportion = {
  /** Share of b less that of a, from −1 to 1. */
  readonly difference: number;
  readonly z: number;
  /** Two-sided. */
  readonly pValue: number;
};

/**
 * The pooled two-proportion z test of b (the window) against a (the reference): z = (p_b − p_a) / √(p (1 − p) (1/n_a + 1/n_b))
 * with p the share of both together; J. L. Fleiss, B. Levin and M. C. Paik, "Statistical Methods for Rates and
 * Proportions" (3rd edition, 2003), 3.1, without their continuity correction. z² is χ² of the 2 × 2 table.
 *
 * Difference and z are 0 and the p-value 1 when either n is 0. When all or none of both have the property z is 0.
 *
 * @throws RangeError when a count is not a number from 0 to n.
 */
export function twoProportion(a: Share, b: Share): TwoProportion {
  for (const { count, n } of [a, b]) {
    if (!(count >= 0 && count <= n && n < Number.POSITIVE_INFINITY))
      throw new RangeError(`${count} of ${n} is no share.`);
  }
  if (a.n === 0 || b.n === 0) return { difference: 0, z: 0, pValue: 1 };
  const difference = b.count / b.n - a.count / a.n;
  const pooled = (a.count + b.count) / (a.n + b.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.n + 1 / b.n));
  const z = error === 0 ? 0 : difference / error;
  return { difference, z, pValue: chiSquaredTail(z * z, 1) };
}
