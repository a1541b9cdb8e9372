import type { Distribution } from "../contracts/reference-profile.ts";
import { binIndex, binsOf } from "./bins.ts";
import { quantile, sortedNumbers } from "./quantiles.ts";

/** Bins finite numbers on edges of their own and describes them. Order doesn't matter. */
export function distributionOf(values: Iterable<number>): Distribution {
  const sorted = sortedNumbers(values);
  const { method, edges, groupEdges } = binsOf(sorted);
  const counts = new Array<number>(edges.length + 1).fill(0);
  const sums = new Array<number>(edges.length + 1).fill(0);
  for (const value of sorted) {
    const bin = binIndex(edges, value);
    counts[bin]! += 1;
    sums[bin]! += value;
  }
  return {
    binning: method,
    edges,
    group_edges: groupEdges,
    counts,
    sums: sums.map(withoutAdditionNoise),
    n: sorted.length,
    ...momentsOf(sorted),
    min: sorted[0] ?? null,
    max: sorted.at(-1) ?? null,
    median: sorted.length === 0 ? null : quantile(sorted, 0.5),
  };
}

function momentsOf(values: Float64Array): Pick<Distribution, "mean" | "standard_deviation"> {
  if (values.length === 0) return { mean: null, standard_deviation: null };
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return {
    mean: withoutAdditionNoise(mean),
    standard_deviation: withoutAdditionNoise(Math.sqrt(squares / values.length)),
  };
}

/** Twelve significant digits: 22.130000000000003 becomes 22.13. No bin depends on a sum, so nothing moves. */
function withoutAdditionNoise(value: number): number {
  return Number(value.toPrecision(12));
}
