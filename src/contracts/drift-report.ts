/** Drift reports, as stored in `drift_reports` and published on `events.drift.<model>`. Times are RFC 3339 in UTC. */

/** The channel of a report on all channels together; no channel can have this name. */
export const ALL_CHANNELS = "*";

export type Severity = "none" | "warning" | "critical";

/** Whether something moved: in this window alone, and as a verdict that holds over windows. */
export type Movement = {
  /** Statistically sure and large enough in this window. */
  readonly exceeds: Severity;
  /** The verdict: exceeded in this window and in at least one of the two judged before it. */
  readonly drifted: Severity;
  /** Start of the first window of the exceedances that lead up to this one, at most one quiet window between two. */
  readonly since: string | null;
};

/** Two shares of a whole, compared by the two-proportion z test. */
export type RateComparison = Movement & {
  readonly rate: number;
  readonly reference_rate: number;
  readonly difference: number;
  readonly p_value: number;
  /** After Benjamini–Hochberg over the window's rates. */
  readonly p_adjusted: number;
};

/** The mean's part in a change of the scores. */
type ScoreEffect = {
  /** How much the mean score moved because this feature's values did, its scores per value held as they are now. */
  readonly mean_score_shift: number;
};

type Distances = {
  readonly p_value: number;
  readonly p_adjusted: number;
  readonly psi: number;
  /** Jensen–Shannon distance, base 2. */
  readonly js: number;
};

type FeatureBase = Movement &
  Distances &
  ScoreEffect & {
    readonly name: string;
    /** Share of the model's importance, 0 to 1; over all features they add up to 1. */
    readonly importance: number;
    /** Applications with a value that the model could use. */
    readonly n: number;
    /** Counts on the bins, or the categories, of the reference profile. */
    readonly counts: readonly number[];
    /** No value that the model could use: absent, null, out of range or of an unknown category. */
    readonly missing: RateComparison;
    /** Channels on which this feature exceeds by itself; empty on a report of one channel. */
    readonly channels: readonly string[];
  };

type NumericComparison = FeatureBase & {
  readonly type: "numeric";
  readonly test: "ks" | "chi_squared";
  readonly ks: number;
  readonly wasserstein_normed: number | null;
  readonly cramers_v: number | null;
  readonly mean: number | null;
  readonly reference_mean: number | null;
  readonly out_of_range: number;
};

export type CategoricalComparison = FeatureBase & {
  readonly type: "categorical";
  readonly test: "chi_squared";
  readonly cramers_v: number;
  readonly categories: readonly string[];
  readonly unseen: RateComparison;
};

export type FeatureComparison = NumericComparison | CategoricalComparison;

export type ScoreComparison = Movement & {
  readonly p_value: number;
  readonly psi: number;
  readonly js: number;
  readonly ks: number;
  readonly wasserstein_normed: number | null;
  readonly mean: number | null;
  readonly reference_mean: number | null;
  readonly counts: readonly number[];
};

export type DecisionMix = { readonly approve: number; readonly refer: number; readonly decline: number };

export type QualityCheck = {
  readonly feature: string;
  readonly check: "missing" | "out_of_range" | "unseen" | "type_error";
  readonly rate: number;
  /** Null where the reference says nothing of it. */
  readonly reference_rate: number | null;
  /** The most that passes. */
  readonly limit: number;
  readonly pass: boolean;
};

export type FindingKind =
  | "missing"
  | "no_longer_missing"
  | "unseen_category"
  | "constant"
  | "scale"
  | "population"
  | "scores"
  | "approval_rate";

/** What a person can act on. */
export type Finding = {
  readonly severity: "warning" | "critical";
  readonly kind: FindingKind;
  /** Null when it is of the scores or the decisions. */
  readonly feature: string | null;
  readonly importance: number | null;
  readonly since: string | null;
  readonly channels: readonly string[];
  /** What moved and by how much, in one sentence. */
  readonly what: string;
  /** How much the feature weighs and what the change did to the scores, in one sentence. */
  readonly effect: string;
  readonly next_step: string;
};

export type DriftReport = {
  readonly model: { readonly name: string; readonly version: string; readonly bundle_sha256: string };
  /** A channel, or `*` for all together. */
  readonly channel: string;
  /** From `start` up to, and without, `end`, in event time. */
  readonly window: { readonly start: string; readonly end: string };
  /** 1, and one more with each correction by late applications. */
  readonly revision: number;
  /**
   * How time was cut, "width+offset" in milliseconds: reports of other settings are others, also of the same window. Absent
   * where there are no windows beside it: on the sliding view and the comparison of two files.
   */
  readonly cut?: string;
  /** `insufficient`: too few applications for a verdict, even after extending the window. */
  readonly status: "judged" | "insufficient";
  /** True for the sliding view between verdicts. */
  readonly provisional: boolean;
  readonly applications: number;
  /** Applications dated more than five minutes after their receipt: scored, counted here, and part of no window. */
  readonly dated_ahead: number;
  readonly reference: {
    readonly applications: number;
    readonly period: { readonly from: string; readonly to: string };
  };
  readonly severity: Severity;
  /** Share of the tested features' importance that drifted. */
  readonly drift_score: number;
  readonly drifted_feature_ratio: number;
  readonly features_tested: number;
  readonly features_drifted: number;
  readonly features: readonly FeatureComparison[];
  /** Null where the reference has no scores. */
  readonly score: ScoreComparison | null;
  readonly approval_rate: RateComparison | null;
  readonly decisions: DecisionMix;
  readonly reference_decisions: DecisionMix | null;
  readonly quality: readonly QualityCheck[];
  readonly findings: readonly Finding[];
};

/**
 * What is published when a report is made or corrected (without the counts of its bins), or when late applications move
 * the borders of windows and leave none where one was.
 */
export type DriftEvent = DriftReport | Withdrawal;
type Withdrawal = Pick<DriftReport, "model" | "channel" | "window" | "revision" | "cut"> & {
  readonly status: "withdrawn";
};
