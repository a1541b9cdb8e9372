import { pairedTotals } from "./paired-counts.ts";

/** Numbers binned: per bin how many there are, and their sum in the feature's unit. */
export type BinnedNumbers = { readonly counts: ArrayLike<number>; readonly sums: ArrayLike<number> };

/**
 * First Wasserstein distance of two sets of numbers binned on the same edges, in standard deviations of the reference:
 * ∫ |F_ref − F_cur| / σ_ref with the mass of each bin at its mean (sum / count). From 0 up; the bins make it an approximation.
 * S. S. Vallender, "Calculation of the Wasserstein distance between probability distributions on the line", Theory of
 * Probability and Its Applications 18 (1974).
 *
 * 0 when either side has no numbers. Null when σ_ref is null or 0: a constant reference has no unit to measure in.
 *
 * @throws RangeError when the lengths differ or a count is not a number from 0 up.
 */
export function wassersteinNormed(
  reference: BinnedNumbers & { readonly standard_deviation: number | null },
  current: BinnedNumbers,
): number | null {
  const [n, m] = pairedTotals(reference.counts, current.counts);
  pairedLengths(reference);
  pairedLengths(current);
  if (n === 0 || m === 0) return 0;
  const { standard_deviation } = reference;
  if (standard_deviation === null || standard_deviation === 0) return null;
  const masses = [...massesOf(reference, 1 / n), ...massesOf(current, -1 / m)].sort((a, b) => a.at - b.at);
  let distance = 0;
  let gap = 0;
  for (const [i, { at, mass }] of masses.entries()) {
    if (i > 0) distance += Math.abs(gap) * (at - masses[i - 1]!.at);
    gap += mass;
  }
  return distance / standard_deviation;
}

/** A bin's mass at its mean; counts are weighed so that one side's add up to 1 and the other's to −1. */
function massesOf({ counts, sums }: BinnedNumbers, weight: number): { at: number; mass: number }[] {
  return Array.from(counts).flatMap((count, bin) =>
    count === 0 ? [] : [{ at: sums[bin]! / count, mass: count * weight }],
  );
}

function pairedLengths({ counts, sums }: BinnedNumbers): void {
  if (counts.length !== sums.length) throw new RangeError(`There are ${counts.length} counts but ${sums.length} sums.`);
}
