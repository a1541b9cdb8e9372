import type {
  DriftReport,
  FeatureComparison,
  Movement,
  RateComparison,
  ScoreComparison,
  Severity,
} from "../contracts/drift-report.ts";
import { benjaminiHochberg } from "../statistics/benjamini-hochberg.ts";
import {
  compareFeature,
  compareFeatures,
  compareNumbers,
  compareRates,
  type FeatureStatistics,
  type RateStatistics,
} from "./compare.ts";
import { findingsOf } from "./findings.ts";
import { exceedance, movement, reaches, worst } from "./movement.ts";
import { qualityChecks } from "./quality.ts";
import type { DriftSubject } from "./subject.ts";

export type WindowToJudge = {
  readonly channel: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly status: DriftReport["status"];
  readonly provisional: boolean;
  /** A vector of the subject's layout. */
  readonly counts: Float64Array;
  /** The same for each channel that is large enough to be looked at; empty when this is the window of one. */
  readonly byChannel: ReadonlyMap<string, Float64Array>;
  /** The reports of the judged windows before it, newest first; two are enough. */
  readonly previous: readonly DriftReport[];
};

/** Judges a window: statistics, verdicts, findings. Pure; the revision is 1. */
export function judgeWindow(subject: DriftSubject, window: WindowToJudge): DriftReport {
  const { reference, layout, settings, model } = subject;
  const { counts, status } = window;
  const start = new Date(window.start).toISOString();
  const isJudged = status === "judged";
  const applications = counts[layout.applications]!;
  const statistics = compareFeatures(subject, counts);
  const features = judgeFeatures(subject, window, statistics, start);
  const score = judgeScore(subject, window, start);
  const approvalRate = judgeApprovalRate(subject, window, start);

  const tested = features.filter((_, index) => reference.features[index]!.n > 0);
  const drifted = tested.filter((feature) => featureSeverity(feature) !== "none");
  const weight = (some: readonly FeatureComparison[]) => some.reduce((sum, { importance }) => sum + importance, 0);
  const driftScore = weight(tested) > 0 ? weight(drifted) / weight(tested) : 0;
  const ratio = tested.length > 0 ? drifted.length / tested.length : 0;
  const isImportant = (feature: FeatureComparison) =>
    featureSeverity(feature) === "critical" && reaches(feature.importance, settings.important_feature);
  const isWarning =
    reaches(driftScore, settings.drift_score_warning) ||
    ratio > settings.drifted_ratio_warning ||
    drifted.some(isImportant);
  const severity: Severity = reaches(driftScore, settings.drift_score_critical)
    ? "critical"
    : isWarning
      ? "warning"
      : "none";
  const report = {
    model,
    channel: window.channel,
    window: { start, end: new Date(window.end).toISOString() },
    revision: 1,
    status,
    provisional: window.provisional,
    applications,
    dated_ahead: counts[layout.datedAhead]!,
    reference: { applications: reference.n, period: reference.period },
    severity: isJudged ? severity : "none",
    drift_score: driftScore,
    drifted_feature_ratio: ratio,
    features_tested: isJudged ? tested.length : 0,
    features_drifted: drifted.length,
    features,
    score,
    approval_rate: approvalRate,
    decisions: {
      approve: counts[layout.decisions.approve]!,
      refer: counts[layout.decisions.refer]!,
      decline: counts[layout.decisions.decline]!,
    },
    reference_decisions: reference.decisions && {
      approve: reference.decisions.approve,
      refer: reference.decisions.refer,
      decline: reference.decisions.decline,
    },
    quality: qualityChecks(subject, counts),
  } satisfies Omit<DriftReport, "findings">;
  return { ...report, findings: findingsOf(report, reference) };
}

/** The worst of what drifted about a feature: its values, or how often it has none. */
export function featureSeverity(feature: FeatureComparison): Severity {
  const rates = [feature.missing.drifted, feature.type === "categorical" ? feature.unseen.drifted : "none"] as const;
  return worst([feature.drifted, ...rates]);
}

function judgeFeatures(
  subject: DriftSubject,
  window: WindowToJudge,
  statistics: readonly FeatureStatistics[],
  start: string,
): FeatureComparison[] {
  const { settings } = subject;
  const psi = { warning: settings.psi_warning, critical: settings.psi_critical };
  const adjusted = benjaminiHochberg(statistics.map(({ p_value }) => p_value));
  // Missing and unseen rates are a family of their own.
  const rates = statistics.flatMap((one) => (one.type === "categorical" ? [one.missing, one.unseen] : [one.missing]));
  const adjustedRates = benjaminiHochberg(rates.map(({ p_value }) => p_value));
  const adjustedRate = new Map(rates.map((rate, index) => [rate, adjustedRates[index]!]));

  return statistics.map((one, index): FeatureComparison => {
    const before = window.previous.map(({ features }) => features[index]);
    const p_adjusted = adjusted[index]!;
    const moved = judged(window, exceedance(p_adjusted, one.psi, psi, settings), before, start);
    const missing = judgeRate(
      subject,
      window,
      one.missing,
      adjustedRate.get(one.missing)!,
      before.map((feature) => feature?.missing),
      start,
    );
    const channels = moved.exceeds === "none" ? [] : channelsOf(subject, window, index);
    if (one.type === "numeric") return { ...one, ...moved, p_adjusted, missing, channels };
    const unseen = judgeRate(
      subject,
      window,
      one.unseen,
      adjustedRate.get(one.unseen)!,
      before.map((feature) => (feature?.type === "categorical" ? feature.unseen : undefined)),
      start,
    );
    return { ...one, ...moved, p_adjusted, missing, unseen, channels };
  });

  function channelsOf({ layout: { features } }: DriftSubject, { byChannel }: WindowToJudge, index: number): string[] {
    return [...byChannel]
      .filter(([, counts]) => {
        const { p_value, psi: size } = compareFeature(subject, features[index]!, index, counts);
        return exceedance(p_value, size, psi, settings) !== "none";
      })
      .map(([channel]) => channel)
      .sort();
  }
}

function judgeRate(
  { settings }: DriftSubject,
  window: WindowToJudge,
  rate: RateStatistics,
  pAdjusted: number,
  before: readonly (Movement | undefined)[],
  start: string,
): RateComparison {
  const limits = { warning: settings.rate_warning, critical: settings.rate_critical };
  const exceeds = exceedance(pAdjusted, Math.abs(rate.difference), limits, settings);
  return { ...rate, p_adjusted: pAdjusted, ...judged(window, exceeds, before, start) };
}

function judgeScore(
  { reference, layout, settings }: DriftSubject,
  window: WindowToJudge,
  start: string,
): ScoreComparison | null {
  if (reference.score === null || layout.score === undefined) return null;
  const statistics = compareNumbers(reference.score, layout.score, window.counts);
  const limits = { warning: settings.psi_warning, critical: settings.psi_critical };
  const exceeds = exceedance(statistics.p_value, statistics.psi, limits, settings);
  const before = window.previous.map(({ score }) => score ?? undefined);
  return { ...statistics, ...judged(window, exceeds, before, start) };
}

function judgeApprovalRate(subject: DriftSubject, window: WindowToJudge, start: string): RateComparison | null {
  const { reference, layout } = subject;
  if (reference.decisions === null) return null;
  const { approve, refer, decline } = reference.decisions;
  const applications = window.counts[layout.applications]!;
  const rate = compareRates(approve, approve + refer + decline, window.counts[layout.decisions.approve]!, applications);
  const before = window.previous.map(({ approval_rate }) => approval_rate ?? undefined);
  return judgeRate(subject, window, rate, rate.p_value, before, start);
}

/** A window without enough applications has statistics and no verdict. */
function judged(
  { status }: WindowToJudge,
  exceeds: Severity,
  before: readonly (Movement | undefined)[],
  start: string,
): Movement {
  return movement(status === "judged" ? exceeds : "none", before, start);
}
