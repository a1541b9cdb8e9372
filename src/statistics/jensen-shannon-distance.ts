import { pairedTotals } from "./paired-counts.ts";
import { smoothedProportions } from "./smoothed-proportions.ts";

/**
 * Jensen–Shannon distance of two lists of counts over the same k groups: the square root of the divergence in bits, of the
 * smoothed proportions. From 0 (equal shares) to 1, symmetric, a metric: D. M. Endres and J. E. Schindelin, "A new metric
 * for probability distributions", IEEE Transactions on Information Theory 49 (2003).
 *
 * 0 when either side has no counts, and with fewer than two groups: there is nothing to compare.
 *
 * @throws RangeError when the lengths differ or a count is not a number from 0 up.
 */
export function jensenShannonDistance(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  if (pairedTotals(reference, current).includes(0)) return 0;
  const p = smoothedProportions(reference);
  const c = smoothedProportions(current);
  let divergence = 0;
  for (let i = 0; i < p.length; i += 1) {
    const middle = (p[i]! + c[i]!) / 2;
    divergence += (p[i]! * Math.log2(p[i]! / middle) + c[i]! * Math.log2(c[i]! / middle)) / 2;
  }
  // Rounding can leave equal shares a hair below zero, which has no square root.
  return Math.sqrt(Math.max(divergence, 0));
}
