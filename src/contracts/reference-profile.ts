/**
 * The reference profile: what the applications that a model was trained on looked like, as fixed bins and their counts.
 * These types are the shape of a bundle's reference.json, names and all. Statistics on live traffic compare counts made
 * on these very bins, so a profile never changes once its bundle is registered.
 */
export type ReferenceProfile = {
  readonly format: typeof REFERENCE_FORMAT;
  readonly format_version: typeof REFERENCE_FORMAT_VERSION;
  readonly model: { readonly name: string; readonly version: string };
  /** Applications profiled. */
  readonly n: number;
  /** RFC 3339: the first and the last `submitted_at` among them. */
  readonly period: { readonly from: string; readonly to: string };
  /** What it was made from, in words: kind of input → where it came from. */
  readonly sources: Readonly<Record<string, string>>;
  /** In the manifest's order. */
  readonly features: readonly FeatureProfile[];
  /** Null where no scores were given; the same for what follows. */
  readonly score: Distribution | null;
  readonly decisions: ReferenceDecisions | null;
  /** Of the scores against the outcomes; null without outcomes. */
  readonly performance: ClassificationPerformance | null;
  /** Protected attribute → group → counts; null where no groups are known. */
  readonly protected: Readonly<Record<string, Readonly<Record<string, ProtectedGroupProfile>>>> | null;
};

export const REFERENCE_FORMAT = "plumbline-reference-profile";
export const REFERENCE_FORMAT_VERSION = 1;

export type FeatureProfile = NumericFeatureProfile | CategoricalFeatureProfile;

/** Binned numbers. A value lies in the bin `binIndex(edges, value)`; `sums` makes each bin's mean. */
export type Distribution = {
  readonly binning: "quantiles" | "values";
  /** Inner edges, ascending: one fewer than bins. */
  readonly edges: readonly number[];
  /** The edges that bound the groups of PSI: the deciles, or every edge of a value-binned feature. */
  readonly group_edges: readonly number[];
  readonly counts: readonly number[];
  /** Sum of the values per bin, to 12 significant digits. */
  readonly sums: readonly number[];
  /** Numbers binned: Σ counts. The statistics below are null when it is 0. */
  readonly n: number;
  readonly mean: number | null;
  /** Of the population (divided by n), as the normed Wasserstein distance needs it. */
  readonly standard_deviation: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly median: number | null;
};

export type NumericFeatureProfile = Distribution & {
  readonly name: string;
  readonly type: "numeric";
  /** Applications where the model saw no value: absent, null, or out of the manifest's range. */
  readonly missing: number;
  /** Those of the missing that were out of range. */
  readonly out_of_range: number;
};

export type CategoricalFeatureProfile = {
  readonly name: string;
  readonly type: "categorical";
  /** In the manifest's order; counts[i] belongs to categories[i]. */
  readonly categories: readonly string[];
  readonly counts: readonly number[];
  /** Listed categories counted: Σ counts. */
  readonly n: number;
  /** Applications where the model saw no value: absent, null, or a category that is not listed. */
  readonly missing: number;
  /** Those of the missing that were of a category that is not listed. */
  readonly unseen: number;
  /** The most frequent category, the first one listed among equals; null when n is 0. */
  readonly mode: string | null;
};

export type DecisionThresholds = { readonly approve_below: number; readonly decline_at_or_above: number };
export type DecisionCounts = { readonly approve: number; readonly refer: number; readonly decline: number };
export type ReferenceDecisions = DecisionThresholds & DecisionCounts;

export type ProtectedGroupProfile = {
  readonly n: number;
  /** Null without scores. */
  readonly decisions: DecisionCounts | null;
};

/** How well probabilities of default told the loans that defaulted from those that did not. */
export type ClassificationPerformance = {
  /** Loans with a score and an outcome, and how many of them defaulted. */
  readonly n: number;
  readonly defaults: number;
  readonly mean_score: number;
  /** Null where only one of the two classes is present. */
  readonly auc: number | null;
  readonly ks: number | null;
  readonly brier: number;
  readonly log_loss: number;
  readonly ece_10_equal_width: number;
  /** Share of loans where "score ≥ threshold" and "defaulted" agree. */
  readonly accuracy: number;
  readonly accuracy_threshold: number;
  /** Ten equally wide bins of the score from 0 to 1; `mean_score` is null in an empty one. */
  readonly calibration: readonly CalibrationBin[];
};

export type CalibrationBin = {
  readonly n: number;
  readonly mean_score: number | null;
  readonly defaults: number;
};
