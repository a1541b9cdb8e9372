import { logGamma } from "./gamma-function.ts";
import { kolmogorovTail } from "./kolmogorov-distribution.ts";
import { pairedTotals } from "./paired-counts.ts";

export type KolmogorovSmirnov = { readonly statistic: number; readonly pValue: number };

/**
 * The two-sample Kolmogorov–Smirnov test on counts over the same ascending bins: the statistic is max |F_ref − F_cur| at the
 * bins' edges, from 0 to 1. Within a bin the gap may be larger, so it never exceeds the exact one: the test is conservative.
 * N. V. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of Mathematical
 * Statistics 19 (1948).
 *
 * Statistic 0 and p-value 1 when either side has no counts, and with fewer than two bins.
 *
 * @throws RangeError when the lengths differ or a count is not a number from 0 up.
 */
export function kolmogorovSmirnov(reference: ArrayLike<number>, current: ArrayLike<number>): KolmogorovSmirnov {
  const [n, m] = pairedTotals(reference, current);
  if (n === 0 || m === 0) return { statistic: 0, pValue: 1 };
  let statistic = 0;
  let below = 0;
  let currentBelow = 0;
  for (let bin = 0; bin < reference.length - 1; bin += 1) {
    below += reference[bin]!;
    currentBelow += current[bin]!;
    statistic = Math.max(statistic, Math.abs(below / n - currentBelow / m));
  }
  return { statistic, pValue: kolmogorovSmirnovPValue(statistic, n, m) };
}

/**
 * The asymptotic two-sided p-value of a two-sample statistic: that of a one-sample statistic of as many numbers as the two
 * samples are worth, nm / (n + m) rounded, as in SciPy's `ks_2samp(method="asymp")`. With Kolmogorov's limit alone it would
 * be off by 0.01 at n = 500. It is never below the exact p-value of samples that are entirely apart, 2 n! m! / (n + m)!,
 * which keeps a handful of numbers from looking certain.
 *
 * @param n, m numbers in the two samples, from 1 up.
 */
export function kolmogorovSmirnovPValue(statistic: number, n: number, m: number): number {
  const worth = Math.max(Math.round((n * m) / (n + m)), 1);
  const least = 2 * Math.exp(logGamma(n + 1) + logGamma(m + 1) - logGamma(n + m + 1));
  return Math.min(Math.max(kolmogorovTail(statistic, worth), least), 1);
}
