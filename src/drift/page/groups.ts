import type { CategoricalFeatureProfile, Distribution } from "../../contracts/reference-profile.ts";
import { groupCounts } from "../../statistics/bins.ts";
import { figure } from "./figures.ts";

/** What naming the groups of numbers takes of their profile. */
export type NumberBins = Pick<Distribution, "binning" | "edges" | "group_edges" | "counts" | "sums" | "min" | "max">;
export type FeatureBins =
  | (NumberBins & { readonly type: "numeric" })
  | Pick<CategoricalFeatureProfile, "type" | "categories" | "counts">;

/** A group of values, as PSI compares them: its share in the reference and in the window. */
export type GroupShare = { readonly label: string; readonly reference: number; readonly current: number };

/** The categories by their share, the groups of numbers in ascending order. */
export function featureGroups(profile: FeatureBins, counts: readonly number[]): GroupShare[] {
  if (profile.type === "numeric") return numberGroups(profile, counts);
  const groups = sharesOf(profile.categories, profile.counts, counts);
  return groups.sort((a, b) => b.reference + b.current - a.reference - a.current);
}

export function numberGroups(
  profile: NumberBins,
  counts: readonly number[],
  format: (value: number) => string = figure,
): GroupShare[] {
  const binning = { edges: profile.edges, groupEdges: profile.group_edges };
  const labels = profile.binning === "values" ? valueLabels(profile) : rangeLabels(profile, format);
  return sharesOf(labels, groupCounts(profile.counts, binning), groupCounts(counts, binning));
}

/** Shares at or below each inner edge, exact at the edges, and where they lie furthest apart. */
export function cumulativeShares(counts: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  let below = 0;
  return counts.slice(0, -1).map((own) => {
    below += own;
    return total > 0 ? below / total : 0;
  });
}

function sharesOf(labels: readonly string[], reference: readonly number[], current: readonly number[]): GroupShare[] {
  const share = (counts: readonly number[]) => {
    const total = counts.reduce((a, b) => a + b, 0);
    return (index: number) => (total > 0 ? counts[index]! / total : 0);
  };
  const [referenceShare, currentShare] = [share(reference), share(current)];
  return labels.map((label, index) => ({ label, reference: referenceShare(index), current: currentShare(index) }));
}

/** Numbers whose edges and extremes are whole are shown as ranges of whole numbers. */
function areWhole({ edges, min, max }: NumberBins): boolean {
  return [...edges, min ?? 0, max ?? 0].every(Number.isInteger);
}

function rangeLabels(profile: NumberBins, format: (value: number) => string): string[] {
  const { group_edges: edges, min } = profile;
  const isWhole = areWhole(profile);
  if (edges.length === 0) return ["all values"];
  return [...edges, undefined].map((high, index) => {
    const low = edges[index - 1];
    if (high === undefined) return `${format(low!)} and more`;
    const isLowest = low === undefined;
    if (isWhole && high - 1 === (low ?? min)) return format(high - 1);
    if (isLowest) return `below ${format(high)}`;
    return isWhole ? `${format(low)} – ${format(high - 1)}` : `${format(low)} to <\u00a0${format(high)}`;
  });
}

/** Bins of one value each, rare neighbours together: an edge is the value that its bin begins with. */
function valueLabels({ edges, min, max, counts, sums }: NumberBins): string[] {
  return counts.map((own, index) => {
    const low = index === 0 ? min : edges[index - 1]!;
    const mean = own > 0 ? sums[index]! / own : low;
    if (low === null) return "all values";
    const isSingle = mean !== null && Math.abs(mean - low) <= 1e-9 * Math.abs(low);
    const isLast = index === edges.length;
    if (index === 0) return isSingle ? figure(low) : `below ${figure(edges[0]!)}`;
    if (isSingle && !(isLast && max !== low)) return figure(low);
    return isLast ? `${figure(low)} and more` : `${figure(low)} to < ${figure(edges[index]!)}`;
  });
}
