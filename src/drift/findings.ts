import type {
  CategoricalComparison,
  DriftReport,
  FeatureComparison,
  Finding,
  RateComparison,
  ScoreComparison,
} from "../contracts/drift-report.ts";
import type { FeatureProfile, ReferenceProfile } from "../contracts/reference-profile.ts";
import { isConstant, scaleFactor } from "./upstream-break.ts";
import { number, percent, points, shift } from "./wording.ts";

type Judged = Pick<DriftReport, "features" | "score" | "approval_rate" | "decisions" | "applications">;

/** Of the mean score, 0.05 percentage points: less than anybody would notice. */
const LEAST_SHIFT = 0.0005;

/** What a person can act on: a finding for each thing that drifted, the worst and weightiest first. */
export function findingsOf(report: Judged, reference: ReferenceProfile): Finding[] {
  const findings = report.features.flatMap((feature, index) => featureFindings(feature, reference.features[index]!));
  const { score, approval_rate } = report;
  if (score !== null && score.drifted !== "none") {
    findings.push({
      ...ofModel("scores", score.drifted, score.since),
      what: `The scores moved: ${meansOf(score)} (PSI ${number(score.psi)}).`,
      effect: "Every decision follows from the score, so approvals and declines move with it.",
      next_step:
        "See which features below moved it. When outcomes have come in, check whether defaults moved as well; if they did not, recalibrate or retrain.",
    });
  }
  if (approval_rate !== null && approval_rate.drifted !== "none") {
    findings.push({
      ...ofModel("approval_rate", approval_rate.drifted, approval_rate.since),
      what: `The approval rate is ${percent(approval_rate.rate)}, ${points(approval_rate.difference)} against ${percent(approval_rate.reference_rate)} in the reference.`,
      effect: `${approval_rate.difference < 0 ? "Fewer" : "More"} applicants get a loan than when the policy was set.`,
      next_step: "Decide whether the policy's thresholds still mean what they were set for; move them, or retrain.",
    });
  }
  return findings.sort(
    (a, b) => Number(b.severity === "critical") - Number(a.severity === "critical") || weight(b) - weight(a),
  );
}

function meansOf({ mean, reference_mean }: ScoreComparison): string {
  if (mean === null || reference_mean === null) return "their mean is unknown";
  const change = points(mean - reference_mean);
  return `mean probability of default ${percent(mean)}, ${percent(reference_mean)} in the reference, ${change}`;
}

/** Scores and decisions weigh more than any feature. */
function weight({ importance }: Finding): number {
  return importance ?? 2;
}

function ofModel(kind: Finding["kind"], severity: Finding["severity"], since: string | null) {
  return { severity, kind, feature: null, importance: null, since, channels: [] };
}

function featureFindings(feature: FeatureComparison, profile: FeatureProfile): Finding[] {
  const findings: Finding[] = [];
  const unseenDrifted = feature.type === "categorical" && feature.unseen.drifted !== "none";
  if (unseenDrifted && feature.unseen.difference > 0) findings.push(unseenFinding(feature, feature.unseen));
  // What is missing because it is unseen has been said.
  else if (feature.missing.drifted !== "none") findings.push(missingFinding(feature, feature.missing));
  if (feature.drifted !== "none") findings.push(valueFinding(feature, profile));
  return findings;
}

function ofFeature(feature: FeatureComparison, { drifted, since }: Pick<FeatureComparison, "drifted" | "since">) {
  return {
    severity: drifted === "critical" ? ("critical" as const) : ("warning" as const),
    feature: feature.name,
    importance: feature.importance,
    since,
    channels: feature.channels,
    effect: effectOf(feature),
  };
}

function effectOf({ importance, mean_score_shift }: FeatureComparison): string {
  const carries = `It carries ${percent(importance)} of the model's importance`;
  if (Math.abs(mean_score_shift) < LEAST_SHIFT)
    return `${carries}; the mean probability of default hardly moves with it.`;
  return `${carries}; the change goes with a mean probability of default ${shift(mean_score_shift)}.`;
}

function missingFinding(feature: FeatureComparison, missing: RateComparison): Finding {
  const { name } = feature;
  const rates = `${percent(missing.rate)} of applications, ${percent(missing.reference_rate)} in the reference (${points(missing.difference)})`;
  if (missing.difference < 0) {
    return {
      ...ofFeature(feature, missing),
      kind: "no_longer_missing",
      what: `${name} is missing in ${rates}.`,
      next_step: `Ask upstream what fills ${name} now: values that used to be missing may have become a default. If they are real, retrain with them.`,
    };
  }
  return {
    ...ofFeature(feature, missing),
    kind: "missing",
    what: `${name} is missing in ${rates}.`,
    next_step: `Ask upstream why ${name} is not sent, or sent out of range: look for a renamed field, a failed lookup or a form that changed.`,
  };
}

function unseenFinding(feature: CategoricalComparison, unseen: RateComparison): Finding {
  const { name } = feature;
  return {
    ...ofFeature(feature, unseen),
    kind: "unseen_category",
    what: `${name} has a category that the model doesn't know in ${percent(unseen.rate)} of applications, ${percent(unseen.reference_rate)} in the reference.`,
    next_step: `Ask upstream which categories of ${name} are new: map renamed ones back; for really new ones, retrain. Until then the model sees them as missing.`,
  };
}

function valueFinding(feature: FeatureComparison, profile: FeatureProfile): Finding {
  const { name } = feature;
  const common = ofFeature(feature, feature);
  if (isConstant(feature, profile)) {
    return {
      ...common,
      kind: "constant",
      what: `${name} has become nearly constant: ${describeMove(feature, profile)}.`,
      next_step: `Ask upstream whether ${name} is still measured or a default is sent in its place.`,
    };
  }
  const factor = scaleFactor(feature, profile);
  if (factor !== undefined) {
    return {
      ...common,
      kind: "scale",
      what: `${name} is about ${factor} times what it was: ${describeMove(feature, profile)}.`,
      next_step: `Ask upstream whether the unit of ${name} changed (cents for euros, months for years, fractions for percent).`,
    };
  }
  return {
    ...common,
    kind: "population",
    what: `${name} moved: ${describeMove(feature, profile)}.`,
    next_step:
      "Find out which it is: other applicants, or a product, a form or a process that changed, which moves such values as well. Compare channels and campaigns, and ask what was changed since; watch outcomes, and retrain when the model's performance follows.",
  };
}

/** The size of the move in words: the mean, or the value or category whose share moved most. */
function describeMove(feature: FeatureComparison, profile: FeatureProfile): string {
  const psi = `PSI ${number(feature.psi)}`;
  if (profile.type === "numeric" && profile.binning === "quantiles" && feature.type === "numeric") {
    return `mean ${number(feature.mean)}, was ${number(feature.reference_mean)}; ${psi}`;
  }
  const { label, current, reference } = largestChange(feature, profile);
  return `${label} is ${percent(current)}, was ${percent(reference)}; ${psi}`;
}

function largestChange(feature: FeatureComparison, profile: FeatureProfile) {
  const referenceN = profile.counts.reduce((a, b) => a + b, 0);
  const shares = feature.counts.map((count, bin) => ({
    label: binLabel(profile, bin),
    current: feature.n > 0 ? count / feature.n : 0,
    reference: profile.counts[bin]! / referenceN,
  }));
  const change = (share: (typeof shares)[number]) => Math.abs(share.current - share.reference);
  return shares.reduce((most, share) => (change(share) > change(most) ? share : most));
}

function binLabel(profile: FeatureProfile, bin: number): string {
  if (profile.type === "categorical") return `the share of "${profile.categories[bin]}"`;
  const n = profile.counts[bin]!;
  const mean = n > 0 ? profile.sums[bin]! / n : undefined;
  const isOneValue = mean !== undefined && (bin === 0 ? Number.isInteger(mean) : mean === profile.edges[bin - 1]);
  return `the share of ${isOneValue ? `value ${number(mean)}` : binRange(profile.edges, bin)}`;
}

/** The values of a bin in words. */
function binRange(edges: readonly number[], bin: number): string {
  const [low, high] = [edges[bin - 1], edges[bin]];
  if (low === undefined) return `values below ${number(high ?? 0)}`;
  if (high === undefined) return `values from ${number(low)}`;
  return `values from ${number(low)} to below ${number(high)}`;
}
