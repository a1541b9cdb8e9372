import type { DriftReport, FeatureComparison, RateComparison, Severity } from "../../contracts/drift-report.ts";
import { featureSeverity } from "../judge-window.ts";

/** The features by what matters: drifted first, then by importance × PSI, of the values or of how often there is none. */
export function ranked({ features }: Pick<DriftReport, "features">): FeatureComparison[] {
  const hasDrifted = (feature: FeatureComparison) => Number(featureSeverity(feature) !== "none");
  const weight = ({ importance, psi, missing }: FeatureComparison) => importance * Math.max(psi, psiOfRate(missing));
  return [...features].sort((a, b) => hasDrifted(b) - hasDrifted(a) || weight(b) - weight(a));
}

/** Keeps the PSI of a rate of 0 finite. */
const LEAST_RATE = 0.0005;

/** PSI of having a value and having none. */
function psiOfRate({ rate, reference_rate }: RateComparison): number {
  const [current, reference] = [rate, reference_rate].map((one) => Math.min(1 - LEAST_RATE, Math.max(LEAST_RATE, one)));
  return (current! - reference!) * Math.log((current! * (1 - reference!)) / (reference! * (1 - current!)));
}

export function driftedFeatures(report: Pick<DriftReport, "features">): FeatureComparison[] {
  return ranked(report).filter((feature) => featureSeverity(feature) !== "none");
}

/** Everything that was tested about a feature. */
function movements(feature: FeatureComparison) {
  return feature.type === "categorical" ? [feature, feature.missing, feature.unseen] : [feature, feature.missing];
}

/** Sure and large in this window, and not yet for long enough to be a verdict. */
export function isExceedanceAlone(feature: FeatureComparison): boolean {
  return featureSeverity(feature) === "none" && movements(feature).some(({ exceeds }) => exceeds !== "none");
}

/** Since when the oldest of a feature's drifts is there. */
export function driftedSince(feature: FeatureComparison): string | null {
  const starts = movements(feature).flatMap(({ drifted, since }) =>
    drifted !== "none" && since !== null ? since : [],
  );
  return starts.sort()[0] ?? null;
}

/** The verdict on a feature in words. */
export function featureVerdict(feature: FeatureComparison): { readonly severity: Severity; readonly words: string } {
  const severity = featureSeverity(feature);
  if (severity !== "none") return { severity, words: severity === "critical" ? "Critical drift" : "Drift" };
  return { severity, words: isExceedanceAlone(feature) ? "Exceeds, not yet persistent" : "No drift" };
}

/** The scores and decisions that drifted, in words. */
export function movedOfModel({ score, approval_rate }: Pick<DriftReport, "score" | "approval_rate">): string[] {
  return [
    ...(score !== null && score.drifted !== "none" ? ["the scores"] : []),
    ...(approval_rate !== null && approval_rate.drifted !== "none" ? ["the approval rate"] : []),
  ];
}
