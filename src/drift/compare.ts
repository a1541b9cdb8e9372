import type { CategoricalFeatureProfile, Distribution, NumericFeatureProfile } from "../contracts/reference-profile.ts";
import { groupCounts } from "../statistics/bins.ts";
import { chiSquared } from "../statistics/chi-squared.ts";
import { jensenShannonDistance } from "../statistics/jensen-shannon-distance.ts";
import { kolmogorovSmirnov } from "../statistics/kolmogorov-smirnov.ts";
import {
  type CategoricalSlots,
  type FeatureSlots,
  type NumberSlots,
  type NumericSlots,
  SCORE_QUANTUM,
} from "../statistics/observation-layout.ts";
import { populationStabilityIndex } from "../statistics/population-stability-index.ts";
import { twoProportion } from "../statistics/two-proportion.ts";
import { wassersteinNormed } from "../statistics/wasserstein-distance.ts";
import type { DriftSubject } from "./subject.ts";

/** What a window's counts say of a feature beside the reference; no verdict yet. */
export type RateStatistics = {
  readonly rate: number;
  readonly reference_rate: number;
  readonly difference: number;
  readonly p_value: number;
};

type Distances = { readonly p_value: number; readonly psi: number; readonly js: number };

type CommonStatistics = Distances & {
  readonly name: string;
  readonly importance: number;
  readonly n: number;
  readonly counts: readonly number[];
  readonly mean_score_shift: number;
  readonly missing: RateStatistics;
};
type NumericStatistics = CommonStatistics & {
  readonly type: "numeric";
  readonly test: "ks" | "chi_squared";
  readonly ks: number;
  readonly wasserstein_normed: number | null;
  readonly cramers_v: number | null;
  readonly mean: number | null;
  readonly reference_mean: number | null;
  readonly out_of_range: number;
};
type CategoricalStatistics = CommonStatistics & {
  readonly type: "categorical";
  readonly test: "chi_squared";
  readonly cramers_v: number;
  readonly categories: readonly string[];
  readonly unseen: RateStatistics;
};
export type FeatureStatistics = NumericStatistics | CategoricalStatistics;

export type NumberStatistics = Distances & {
  readonly ks: number;
  readonly wasserstein_normed: number | null;
  readonly mean: number | null;
  readonly reference_mean: number | null;
  readonly counts: readonly number[];
};

/** One statistic set per feature, in the profile's order. `counts` is a vector of the subject's layout. */
export function compareFeatures(subject: DriftSubject, counts: Float64Array): FeatureStatistics[] {
  return subject.layout.features.map((slots, index) => compareFeature(subject, slots, index, counts));
}

/** The feature at `index` of the profile. */
export function compareFeature(
  { reference, layout, importance }: DriftSubject,
  slots: FeatureSlots,
  index: number,
  counts: Float64Array,
): FeatureStatistics {
  const profile = reference.features[index]!;
  const applications = counts[layout.applications]!;
  const missing = compareRates(profile.missing, reference.n, counts[slots.missing]!, applications);
  const common = { name: slots.name, importance: importance[index]!, missing };
  if (slots.type === "numeric" && profile.type === "numeric") {
    return { ...common, ...compareNumeric(profile, slots, counts) };
  }
  if (slots.type === "categorical" && profile.type === "categorical") {
    const unseen = compareRates(profile.unseen, reference.n, counts[slots.unseen]!, applications);
    return { ...common, ...compareCategorical(profile, slots, counts), unseen };
  }
  throw new Error(`feature ${slots.name} has two types`);
}

function compareNumeric(profile: NumericFeatureProfile, slots: NumericSlots, counts: Float64Array) {
  const numbers = compareNumbers(profile, slots, counts);
  const isValued = profile.binning === "values";
  const squared = isValued ? chiSquared(profile.counts, numbers.counts) : undefined;
  return {
    ...numbers,
    type: "numeric" as const,
    test: isValued ? ("chi_squared" as const) : ("ks" as const),
    p_value: squared?.pValue ?? numbers.p_value,
    cramers_v: squared?.cramersV ?? null,
    n: sum(numbers.counts),
    out_of_range: counts[slots.outOfRange]!,
    mean_score_shift: scoreShift(profile.counts, slots, counts),
  };
}

/** Binned numbers beside the reference's: a numeric feature, or the scores. */
export function compareNumbers(reference: Distribution, slots: NumberSlots, counts: Float64Array): NumberStatistics {
  const bins = counts.subarray(slots.counts, slots.counts + slots.bins);
  const sums = counts.subarray(slots.sums, slots.sums + slots.bins).map((units) => units * slots.quantum);
  const n = sum(bins);
  const { statistic, pValue } = kolmogorovSmirnov(reference.counts, bins);
  const binning = { edges: reference.edges, groupEdges: reference.group_edges };
  const groups = groupCounts(bins, binning);
  const referenceGroups = groupCounts(reference.counts, binning);
  const isComparable = n > 0 && reference.n > 0;
  return {
    p_value: pValue,
    psi: isComparable ? populationStabilityIndex(referenceGroups, groups) : 0,
    js: isComparable ? jensenShannonDistance(referenceGroups, groups) : 0,
    ks: statistic,
    wasserstein_normed: isComparable ? wassersteinNormed(reference, { counts: bins, sums }) : null,
    mean: n > 0 ? sum(sums) / n : null,
    reference_mean: reference.mean,
    counts: Array.from(bins),
  };
}

function compareCategorical(profile: CategoricalFeatureProfile, slots: CategoricalSlots, counts: Float64Array) {
  const bins = Array.from(counts.subarray(slots.counts, slots.counts + slots.bins));
  const n = sum(bins);
  const { pValue, cramersV } = chiSquared(profile.counts, bins);
  const isComparable = n > 0 && profile.n > 0;
  return {
    type: "categorical" as const,
    test: "chi_squared" as const,
    p_value: pValue,
    psi: isComparable ? populationStabilityIndex(profile.counts, bins) : 0,
    js: isComparable ? jensenShannonDistance(profile.counts, bins) : 0,
    cramers_v: cramersV,
    categories: profile.categories,
    counts: bins,
    n,
    mean_score_shift: scoreShift(profile.counts, slots, counts),
  };
}

/** A share of the reference's applications beside one of the window's. */
export function compareRates(
  referenceCount: number,
  referenceN: number,
  currentCount: number,
  currentN: number,
): RateStatistics {
  const test = twoProportion({ count: referenceCount, n: referenceN }, { count: currentCount, n: currentN });
  return {
    rate: currentN > 0 ? currentCount / currentN : 0,
    reference_rate: referenceN > 0 ? referenceCount / referenceN : 0,
    difference: test.difference,
    p_value: test.pValue,
  };
}

/**
 * What the change of a feature's values did to the mean score: Σ (c_i − p_i) · s_i over its bins, with the shares c of the
 * window and p of the reference, and the window's mean score s in each bin. The composition term of Kitagawa, Journal
 * of the American Statistical Association 50 (1955): scores change with values that go together, so the effects of
 * features that move together overlap.
 */
function scoreShift(
  reference: readonly number[],
  slots: { readonly bins: number; readonly counts: number; readonly scores: number },
  counts: Float64Array,
): number {
  const bins = counts.subarray(slots.counts, slots.counts + slots.bins);
  const scores = counts.subarray(slots.scores, slots.scores + slots.bins);
  const [n, referenceN] = [sum(bins), sum(reference)];
  if (n === 0 || referenceN === 0) return 0;
  const overall = (sum(scores) * SCORE_QUANTUM) / n;
  let shift = 0;
  for (let bin = 0; bin < slots.bins; bin++) {
    const score = bins[bin]! > 0 ? (scores[bin]! * SCORE_QUANTUM) / bins[bin]! : overall;
    shift += (bins[bin]! / n - reference[bin]! / referenceN) * score;
  }
  return shift;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
