import { upperIncompleteGamma } from "./gamma-function.ts";
import { pairedTotals } from "./paired-counts.ts";

export type ChiSquared = {
  readonly statistic: number;
  /** Columns with counts, less one. */
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** Size of the association, from 0 (same shares) to 1 (no cell in common), whatever the number of counts. */
  readonly cramersV: number;
};

/**
 * Pearson's χ² test of homogeneity on the 2 × k table of two lists of counts, without continuity correction: K. Pearson,
 * Philosophical Magazine 50 (1900). Columns that are empty in both lists are left out. Cramér's V is √(χ² / N), N being
 * all counts, as the table has two rows: H. Cramér, "Mathematical Methods of Statistics" (1946), 21.9.
 *
 * Statistic 0, p-value 1 and V 0 when either side has no counts, and when all counts are in one column.
 *
 * @throws RangeError when the lengths differ or a count is not a number from 0 up.
 */
export function chiSquared(reference: ArrayLike<number>, current: ArrayLike<number>): ChiSquared {
  const [n, m] = pairedTotals(reference, current);
  const total = n + m;
  let statistic = 0;
  let columns = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const both = reference[i]! + current[i]!;
    if (both === 0) continue;
    columns += 1;
    // Both cells of a column miss their expectation by the same amount.
    const expected = (both * n) / total;
    statistic += (reference[i]! - expected) ** 2 * (1 / expected + total / (both * m));
  }
  const degreesOfFreedom = Math.max(columns - 1, 0);
  if (n === 0 || m === 0 || degreesOfFreedom === 0) return { statistic: 0, degreesOfFreedom, pValue: 1, cramersV: 0 };
  return {
    statistic,
    degreesOfFreedom,
    pValue: chiSquaredTail(statistic, degreesOfFreedom),
    cramersV: Math.min(Math.sqrt(statistic / total), 1),
  };
}

/**
 * The probability that a χ² variable with so many degrees of freedom (above 0) is at least `statistic` (from 0 up). Accurate
 * to about 1e-12 of itself in the far tail; 0 once it is below the smallest double.
 */
export function chiSquaredTail(statistic: number, degreesOfFreedom: number): number {
  return upperIncompleteGamma(degreesOfFreedom / 2, statistic / 2);
}
