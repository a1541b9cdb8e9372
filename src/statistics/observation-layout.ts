import type { Distribution, ReferenceProfile } from "../contracts/reference-profile.ts";
import { DECISIONS, type Decision } from "../contracts/score.ts";

/**
 * Where each count of a model's observations is kept: a vector of whole numbers whose slots follow from the reference
 * profile alone, so that counts made by different processes add up slot by slot.
 */
export type ObservationLayout = {
  readonly width: number;
  /** Applications that lie in windows. */
  readonly applications: number;
  /** Applications dated too far after their receipt; nothing else is counted of them. */
  readonly datedAhead: number;
  readonly decisions: Readonly<Record<Decision, number>>;
  readonly score: NumberSlots | undefined;
  /** In the profile's order. */
  readonly features: readonly FeatureSlots[];
  readonly groups: readonly GroupSlots[];
};

/** Slots of binned numbers; `counts` and `sums` are the first of `bins` slots each. */
export type NumberSlots = {
  readonly edges: Float64Array;
  readonly bins: number;
  readonly counts: number;
  /** Of the values in units of `quantum`. */
  readonly sums: number;
  readonly quantum: number;
};

type CommonSlots = {
  readonly name: string;
  /** First of `bins` slots: the sum of the scores, in units of SCORE_QUANTUM, of the applications in each bin. */
  readonly scores: number;
  /** Applications where the model saw no value: absent, null, and what the next slot counts. */
  readonly missing: number;
  readonly typeErrors: number;
};
export type NumericSlots = CommonSlots & NumberSlots & { readonly type: "numeric"; readonly outOfRange: number };
export type CategoricalSlots = CommonSlots & {
  readonly type: "categorical";
  readonly categories: readonly string[];
  readonly bins: number;
  readonly counts: number;
  readonly unseen: number;
};
export type FeatureSlots = NumericSlots | CategoricalSlots;

type GroupSlots = {
  readonly attribute: string;
  /** A group of the reference, or undefined for whatever is none of them. */
  readonly group: string | undefined;
  readonly decisions: Readonly<Record<Decision, number>>;
};

/** Sums are kept in whole units, because whole numbers add up to the same in every order. */
export const SCORE_QUANTUM = 2 ** -20;
/** A unit is at most this part of the reference's standard deviation: far below what a distance would show. */
const UNITS_PER_DEVIATION = 4096;
/** Keeps sums of millions of applications exact: 2^30 · 2^23 is all that a double holds. */
const MOST_UNITS = 2 ** 30;

/** The layout of a model's observations. The same profile gives the same layout. */
export function observationLayout(profile: ReferenceProfile): ObservationLayout {
  let width = 0;
  const take = (slots: number): number => {
    width += slots;
    return width - slots;
  };
  const decisionSlots = (): Record<Decision, number> => {
    const first = take(DECISIONS.length);
    return Object.fromEntries(DECISIONS.map((decision, i) => [decision, first + i])) as Record<Decision, number>;
  };
  const numbers = (distribution: Distribution, quantum: number): NumberSlots => {
    const bins = distribution.edges.length + 1;
    return { edges: Float64Array.from(distribution.edges), bins, counts: take(bins), sums: take(bins), quantum };
  };

  const applications = take(1);
  const datedAhead = take(1);
  const decisions = decisionSlots();
  const score = profile.score === null ? undefined : numbers(profile.score, SCORE_QUANTUM);
  const features = profile.features.map((feature): FeatureSlots => {
    const { name } = feature;
    const common = { name, missing: take(1), typeErrors: take(1) };
    if (feature.type === "numeric") {
      const binned = numbers(feature, quantumOf(feature));
      return { ...common, ...binned, type: "numeric", scores: take(binned.bins), outOfRange: take(1) };
    }
    const bins = feature.categories.length;
    const { categories } = feature;
    return {
      ...common,
      type: "categorical",
      categories,
      bins,
      counts: take(bins),
      scores: take(bins),
      unseen: take(1),
    };
  });
  const groups = Object.entries(profile.protected ?? {}).flatMap(([attribute, names]) =>
    [...Object.keys(names), undefined].map((group) => ({ attribute, group, decisions: decisionSlots() })),
  );
  return { width, applications, datedAhead, decisions, score, features, groups };
}

/** A value in whole units; one that is hundreds of thousands of standard deviations away counts as that far. */
export function unitsOf(value: number, quantum: number): number {
  return Math.max(-MOST_UNITS, Math.min(MOST_UNITS, Math.round(value / quantum)));
}

/** A power of two, so that whole values stay what they are wherever possible. */
function quantumOf({ standard_deviation, median }: Distribution): number {
  const scale = standard_deviation || Math.abs(median ?? 0) || 1;
  return 2 ** Math.floor(Math.log2(scale / UNITS_PER_DEVIATION));
}
