/**
 * Counts of latencies on fixed bins, each a tenth of a power of two (7 %) wide from 0.1 ms on, so that quantiles of any
 * number of latencies take the room of these.
 */
export type LatencyCounts = Uint32Array;

const LEAST_MS = 0.1;
const PER_DOUBLING = 10;
/** The last bin takes everything from about 70 minutes on. */
const BINS = 256;

export function latencyCounts(): LatencyCounts {
  return new Uint32Array(BINS);
}

export function addLatency(counts: LatencyCounts, ms: number): void {
  const bin = ms <= LEAST_MS ? 0 : Math.ceil(Math.log2(ms / LEAST_MS) * PER_DOUBLING);
  counts[Math.min(BINS - 1, bin)]!++;
}

export function addCounts(into: LatencyCounts, counts: LatencyCounts): void {
  for (let bin = 0; bin < BINS; bin++) into[bin]! += counts[bin]!;
}

/** The upper edge of the bin that holds the quantile, in milliseconds; null without a latency. */
export function latencyQuantile(counts: LatencyCounts, quantile: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.ceil(total * quantile);
  const bin = counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return Number((LEAST_MS * 2 ** (bin / PER_DOUBLING)).toPrecision(3));
}
