import { quantile } from "./quantiles.ts";

/**
 * How a number is binned. `edges` are the ascending inner edges of edges.length + 1 bins; `groupEdges` is a subset of
 * them that bounds the coarser groups on which PSI and the Jensen–Shannon distance are computed.
 */
export type Binning = {
  readonly method: "quantiles" | "values";
  readonly edges: readonly number[];
  readonly groupEdges: readonly number[];
};

/** Quantile bins. A multiple of ten, so that every decile is an edge. */
export const BIN_COUNT = 60;
/** Up to so many distinct values, each value has a bin of its own. */
export const MAX_VALUE_BINS = 20;
/** A value is rare, and shares a bin with rare neighbours, below this share of the numbers. */
const RARE_SHARE = 0.005;

const GROUP_COUNT = 10;

/**
 * The bins of an ascending sample: one per value for few distinct values, else quantile bins. Quantile bins alone would
 * hide a shift between two values that lie in one bin (loan terms of 36 and 60 months, 5 % of them 60).
 * An empty sample has the one bin that holds everything.
 */
export function binsOf(sorted: Float64Array): Binning {
  const distinct = countDistinct(sorted);
  if (distinct.length > MAX_VALUE_BINS) return quantileBins(sorted);
  const edges = valueEdges(distinct, sorted.length);
  return { method: "values", edges, groupEdges: edges };
}

/**
 * The bin of a number: how many edges are at or below it. So an edge belongs to the bin on its right, as in NumPy's
 * `searchsorted(edges, value, side="right")`.
 */
export function binIndex(edges: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds the counts of the bins up into those of the groups: groupEdges.length + 1 of them. */
export function groupCounts(
  counts: ArrayLike<number>,
  { edges, groupEdges }: Pick<Binning, "edges" | "groupEdges">,
): number[] {
  const groups = new Array<number>(groupEdges.length + 1).fill(0);
  for (let bin = 0; bin < counts.length; bin += 1) {
    const lowest = bin === 0 ? Number.NEGATIVE_INFINITY : edges[bin - 1]!;
    groups[binIndex(groupEdges, lowest)]! += counts[bin]!;
  }
  return groups;
}

/**
 * Unique quantiles, and above each value that spans several of them the next value: so a dominant value is alone in its
 * bin (were 99 % of a feature 0, the quantiles alone would put everything from 0 up into one bin). This never makes more
 * than BIN_COUNT bins, since each edge added stands for a repeated quantile that was dropped.
 */
function quantileBins(sorted: Float64Array): Binning {
  const quantiles = innerQuantiles(sorted, BIN_COUNT);
  const repeated = quantiles.filter((edge, i) => edge === quantiles[i - 1]);
  const edges = ascending([...quantiles, ...repeated.flatMap((value) => nextValue(sorted, value))]);
  return { method: "quantiles", edges, groupEdges: decileGroupEdges(sorted) };
}

/**
 * The unique deciles above the minimum (one at the minimum would bound an empty group, whose smoothing would count). Where
 * one value is all of them, it is told from what lies above it.
 */
function decileGroupEdges(sorted: Float64Array): number[] {
  const deciles = ascending(innerQuantiles(sorted, GROUP_COUNT));
  const above = deciles.length > 1 ? [] : nextValue(sorted, deciles[0]!);
  return [...deciles, ...above].filter((edge) => edge > sorted[0]!);
}

function innerQuantiles(sorted: Float64Array, parts: number): number[] {
  return Array.from({ length: parts - 1 }, (_, k) => quantile(sorted, (k + 1) / parts));
}

/** One bin per value; neighbouring rare values share one. A rare value never joins a common one, where it could grow unseen. */
function valueEdges(distinct: readonly ValueCount[], n: number): number[] {
  if (distinct.length === 1) return edgesAround(distinct[0]!.value);
  const isRare = ({ count }: ValueCount) => count < RARE_SHARE * n;
  const edges: number[] = [];
  for (let i = 1; i < distinct.length; i += 1) {
    if (!isRare(distinct[i]!) || !isRare(distinct[i - 1]!)) edges.push(distinct[i]!.value);
  }
  return edges;
}

/** A constant gets three bins (below, equal, above): with no edge at all, no change could ever be seen. */
function edgesAround(value: number): number[] {
  return [value, nextDouble(value)];
}

type ValueCount = { readonly value: number; count: number };

function countDistinct(sorted: Float64Array): ValueCount[] {
  const distinct: ValueCount[] = [];
  for (const value of sorted) {
    const last = distinct.at(-1);
    if (last?.value === value) last.count += 1;
    else distinct.push({ value, count: 1 });
  }
  return distinct;
}

/** The smallest number of the sample above `value`, in a list that is empty when there is none. */
function nextValue(sorted: Float64Array, value: number): number[] {
  const next = sorted[binIndex(sorted, value)];
  return next === undefined ? [] : [next];
}

function ascending(edges: readonly number[]): number[] {
  return [...new Set(edges)].sort((a, b) => a - b);
}

/** The smallest double above a finite number. */
function nextDouble(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0]! += value > 0 ? 1n : -1n;
  // Above the largest negative number lies the zero that JSON can't tell from its negative.
  return new Float64Array(bits.buffer)[0]! + 0;
}
