/** An ascending copy of finite numbers, with 0 for -0 (they are one number to every comparison but print differently). */
export function sortedNumbers(values: Iterable<number>): Float64Array {
  return Float64Array.from(values, (value) => value + 0).sort();
}

/**
 * The q-quantile (0 ≤ q ≤ 1) of ascending numbers by linear interpolation between order statistics: definition 7 of
 * Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), which is NumPy's
 * default "linear". It is computed as NumPy does, from the nearer end of the interval, except that a position which misses
 * an order statistic by rounding alone is taken to be on it, as in R: an edge one bit above a tied value would put all of
 * its ties into the bin below.
 *
 * @throws RangeError when there are no numbers or q lies outside [0, 1].
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new RangeError("There is no quantile of no numbers.");
  if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is asked for by a number from 0 to 1, not ${q}.`);
  const position = withoutRounding((sorted.length - 1) * q);
  const below = Math.floor(position);
  const weight = position - below;
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return weight < 0.5 ? low + (high - low) * weight : high - (high - low) * (1 - weight);
}

function withoutRounding(position: number): number {
  const nearest = Math.round(position);
  return Math.abs(position - nearest) <= 4 * Number.EPSILON * nearest ? nearest : position;
}
