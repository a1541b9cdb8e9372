/**
 * p-values adjusted so that rejecting those ≤ q keeps the expected share of false rejections ≤ q: the p-value of rank i of
 * m, times m / i, made monotone from the largest down. In the order given; none is below its p-value or above 1. Y. Benjamini
 * and Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57 (1995).
 *
 * @throws RangeError when a p-value is not a number from 0 to 1.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  for (const [i, p] of pValues.entries()) {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`p-value ${i} is not a number from 0 to 1.`);
  }
  const m = pValues.length;
  const descending = [...pValues.keys()].sort((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = new Array<number>(m);
  let least = 1;
  for (const [position, i] of descending.entries()) {
    // Rounding alone could put it below the p-value.
    least = Math.min(least, Math.max((pValues[i]! * m) / (m - position), pValues[i]!));
    adjusted[i] = least;
  }
  return adjusted;
}
