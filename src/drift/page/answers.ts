import type { DriftReport, FeatureComparison, Movement } from "../../contracts/drift-report.ts";
import { featureSeverity } from "../judge-window.ts";
import type { DriftSettings } from "../settings.ts";
import { counted, distance, listing, moment, percentage, pointsOf, unbroken } from "./figures.ts";
import { type NextStep, nextSteps } from "./next-steps.ts";
import { driftedFeatures, driftedSince, isExceedanceAlone, movedOfModel, ranked } from "./ranking.ts";

/** The five questions that someone who is given a verdict asks, each answered in words. */
export type Answers = {
  readonly headline: string;
  readonly moved: readonly string[];
  readonly since: readonly string[];
  readonly size: readonly string[];
  readonly matters: readonly string[];
  /** In the order to be done. */
  readonly now: readonly NextStep[];
};

const NAMED = 4;

/** @param firstStart of the first window there is: what moved since then may have moved before. */
export function answersOf(report: DriftReport, firstStart: string, settings: DriftSettings): Answers {
  const drifted = driftedFeatures(report);
  const watched = ranked(report).filter(isExceedanceAlone);
  return {
    headline: headlineOf(report, drifted, watched),
    moved: movedOf(drifted, watched, report),
    since: sinceOf(report, drifted, firstStart),
    size: sizeOf(report, drifted),
    matters: mattersOf(report, settings),
    now: nextSteps(report),
  };
}

/** In a sentence or two: what moved, since when, and whether it is worth a warning. */
function headlineOf(
  report: DriftReport,
  drifted: readonly FeatureComparison[],
  watched: readonly FeatureComparison[],
): string {
  const { severity, drift_score, features_drifted, features_tested } = report;
  const model = movedOfModel(report);
  if (drifted.length === 0) {
    const all = counted(features_tested, "feature");
    if (model.length > 0) return `No feature has drifted, but ${listing(model)} moved.`;
    if (watched.length === 0) return `Nothing has drifted: all ${all} still look like the reference.`;
    const names = listing(watched.map(({ name }) => name));
    return `No verdict of drift, but ${watched.length} of ${all} moved in this window, not yet for long enough: ${names}.`;
  }
  const share = `${features_drifted} of ${counted(features_tested, "feature")} (${percentage(drift_score)} of the model's importance) drifted${spanOf(drifted)}`;
  const untested = drifted.length - features_drifted;
  const beside =
    untested === 0
      ? ""
      : ` Values came where the reference has none, in ${counted(untested, "feature")} outside these shares.`;
  const also = model.length === 0 ? "" : ` ${capital(listing(model))} moved with them.`;
  const more = `${beside}${also}`;
  if (severity === "none") return `${share}. That is too little of what the model relies on for a warning.${more}`;
  const most = severity === "critical" ? "Most of what the model relies on has moved" : "The applications have moved";
  return `${most}: ${share}.${more}`;
}

/** From when to when features began to drift. */
function spanOf(drifted: readonly FeatureComparison[]): string {
  const starts = drifted.flatMap((feature) => driftedSince(feature) ?? []).sort();
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined) return "";
  if (first === last) return ` since ${moment(first)}`;
  return `, the first since ${moment(first)}, the last since ${moment(last)}`;
}

function movedOf(
  drifted: readonly FeatureComparison[],
  watched: readonly FeatureComparison[],
  report: DriftReport,
): string[] {
  const all = [...drifted.map(({ name }) => name), ...movedOfModel(report)];
  const what = all.length === 0 ? "Nothing that is sure, large and persistent." : `${capital(listing(all))}.`;
  if (watched.length === 0) return [what];
  return [what, `In this window alone, not yet for long enough to count: ${listing(watched.map(({ name }) => name))}.`];
}

function sinceOf(
  { score, approval_rate }: DriftReport,
  drifted: readonly FeatureComparison[],
  firstStart: string,
): string[] {
  const starts = [
    ...drifted.map((feature) => ({ name: feature.name, since: driftedSince(feature) })),
    ...(approval_rate?.drifted !== "none" ? [{ name: "approval rate", since: approval_rate?.since ?? null }] : []),
    ...(score?.drifted !== "none" ? [{ name: "scores", since: score?.since ?? null }] : []),
  ];
  const byStart = Map.groupBy(
    starts.filter(({ since }) => since !== null),
    ({ since }) => since!,
  );
  return [...byStart]
    .sort(([a], [b]) => Date.parse(a) - Date.parse(b))
    .map(
      ([since, names]) =>
        `${moment(since)}${since === firstStart ? " (the first window there is)" : ""}: ${listing(names.map(({ name }) => name))}`,
    );
}

function sizeOf({ findings, drift_score }: DriftReport, drifted: readonly FeatureComparison[]): string[] {
  const score = `Drift score ${drift_score.toFixed(2)} of 1.`;
  const named = drifted.slice(0, NAMED).flatMap(({ name }) => findings.find(({ feature }) => feature === name) ?? []);
  const more = drifted.length - named.length;
  return [score, ...named.map(({ what }) => unbroken(what)), ...(more > 0 ? [`${more} more below.`] : [])];
}

function mattersOf(report: DriftReport, settings: DriftSettings): string[] {
  const { severity, approval_rate, score } = report;
  const isDecisionMoved = movedOfModel(report).length > 0;
  const little = report.features_drifted > 0 ? "what drifted weighs too little for a warning." : "no feature drifted.";
  const verdict =
    severity === "none"
      ? `${isDecisionMoved ? "Perhaps: scores or decisions moved, though" : "Not so far:"} ${little}`
      : `${severity === "critical" ? "Yes" : "Probably"}: ${listing(reasonsOf(report, settings))}.`;
  const parts = [verdict];
  if (score !== null && score.mean !== null && score.reference_mean !== null) {
    const means = `Mean predicted default ${percentage(score.mean)}, was ${percentage(score.reference_mean)}`;
    parts.push(`${means} (PSI ${distance(score.psi)}): ${movementWords(score)}.`);
  }
  if (approval_rate !== null) {
    const { rate, reference_rate, difference } = approval_rate;
    const rates = `Approvals ${percentage(rate)}, were ${percentage(reference_rate)}`;
    parts.push(`${rates} (${pointsOf(difference)}): ${movementWords(approval_rate)}.`);
  }
  return [...parts, "Whether more loans fail is known only once outcomes come in."];
}

/** Why a window is worth a warning; there is at least one reason. */
function reasonsOf(report: DriftReport, settings: DriftSettings): string[] {
  const { severity, drift_score, drifted_feature_ratio } = report;
  const { drift_score_warning, drift_score_critical, drifted_ratio_warning, important_feature } = settings;
  const limit = severity === "critical" ? drift_score_critical : drift_score_warning;
  const important = driftedFeatures(report).filter(
    (feature) => featureSeverity(feature) === "critical" && feature.importance >= important_feature,
  );
  const reasons: string[] = [];
  if (drift_score >= limit) {
    reasons.push(`${percentage(drift_score)} of the model's importance drifted (limit ${percentage(limit)})`);
  }
  if (drifted_feature_ratio > drifted_ratio_warning) {
    reasons.push(
      `${percentage(drifted_feature_ratio)} of the features drifted (limit ${percentage(drifted_ratio_warning)})`,
    );
  }
  if (important.length > 0) {
    const names = listing(important.map(({ name, importance }) => `${name} (${percentage(importance)})`));
    reasons.push(`features of weight are in critical drift: ${names}`);
  }
  return reasons.length > 0 ? reasons : ["the limits that the model was judged by are passed"];
}

function movementWords({ exceeds, drifted }: Movement): string {
  if (drifted !== "none") return drifted === "critical" ? "critical drift" : "drifted";
  return exceeds === "none" ? "within its limits" : "beyond its limits in this window, not yet persistent";
}

/** A sentence's first word; the name of a feature stays as it is. */
function capital(words: string): string {
  return words.startsWith("the ") ? `The ${words.slice(4)}` : words;
}
