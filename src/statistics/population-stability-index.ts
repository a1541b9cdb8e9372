import { pairedTotals } from "./paired-counts.ts";
import { smoothedProportions } from "./smoothed-proportions.ts";

/**
 * Population stability index of two lists of counts over the same k groups: Σ (c − p) ln(c / p) in nats, with p and c the
 * smoothed proportions of the reference and of the window. From 0 (equal shares) up, symmetric, finite with empty groups.
 * It is Jeffreys' divergence, in credit scoring since E. M. Lewis, "An Introduction to Credit Scoring" (1992); B. Yurdakul
 * and J. Naranjo, "Statistical properties of the population stability index", Journal of Risk Model Validation 14 (2020).
 *
 * 0 when either side has no counts, and with fewer than two groups: there is nothing to compare.
 *
 * @throws RangeError when the lengths differ or a count is not a number from 0 up.
 */
export function populationStabilityIndex(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  if (pairedTotals(reference, current).includes(0)) return 0;
  const p = smoothedProportions(reference);
  const c = smoothedProportions(current);
  let index = 0;
  for (let i = 0; i < p.length; i += 1) index += (c[i]! - p[i]!) * Math.log(c[i]! / p[i]!);
  return index;
}
