import { quantile, sortedNumbers } from "../src/statistics/quantiles.ts";

const WINDOWS = 3;

export function median(values: readonly number[]): number {
  return quantile(sortedNumbers(values), 0.5);
}

/**
 * Units of work per second: the median of three windows, after one that only warms up.
 * @param work does some work and returns how many units it was.
 */
export async function medianRate(
  windowMs: number,
  signal: AbortSignal,
  work: () => number | Promise<number>,
): Promise<number> {
  const rates: number[] = [];
  for (let window = 0; window <= WINDOWS; window++) {
    const from = performance.now();
    let units = 0;
    do {
      signal.throwIfAborted();
      units += await work();
    } while (performance.now() - from < windowMs);
    if (window > 0) rates.push((units * 1000) / (performance.now() - from));
  }
  return median(rates);
}
