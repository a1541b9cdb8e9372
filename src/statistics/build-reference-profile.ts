import type { FeatureValue } from "../contracts/application.ts";
import {
  type CategoricalFeatureProfile,
  type ClassificationPerformance,
  type DecisionCounts,
  type DecisionThresholds,
  type FeatureProfile,
  type NumericFeatureProfile,
  type ProtectedGroupProfile,
  REFERENCE_FORMAT,
  REFERENCE_FORMAT_VERSION,
  type ReferenceDecisions,
  type ReferenceProfile,
} from "../contracts/reference-profile.ts";
import { classificationPerformance } from "./classification-performance.ts";
import { distributionOf } from "./distribution.ts";

/** What the profile needs to know of a feature; a feature of a model manifest will do. */
type ProfiledFeature =
  | {
      readonly name: string;
      readonly type: "numeric";
      readonly min?: number | undefined;
      readonly max?: number | undefined;
    }
  | { readonly name: string; readonly type: "categorical"; readonly categories: readonly string[] };

type ProfiledApplication = {
  readonly submitted_at: string;
  readonly features: Readonly<Record<string, FeatureValue | undefined>>;
};

export type ReferenceInput = {
  readonly model: { readonly name: string; readonly version: string };
  readonly features: readonly ProfiledFeature[];
  readonly applications: readonly ProfiledApplication[];
  /** Probabilities of default, one per application: out of fold where the model was trained on these applications. */
  readonly scores?: readonly number[] | undefined;
  /** Whether each application's loan defaulted; undefined where that isn't known. */
  readonly defaulted?: readonly (boolean | undefined)[] | undefined;
  readonly thresholds: DecisionThresholds;
  /** Each application's group per protected attribute, such as { sex: "female", age: "25-34" }. */
  readonly groups?: readonly Readonly<Record<string, string>>[] | undefined;
  readonly sources: Readonly<Record<string, string>>;
};

/**
 * Builds the reference profile of a set of applications; the same input gives the same profile.
 *
 * @throws RangeError without applications or with lists of different lengths; TypeError when a feature's value has a type
 * that the manifest doesn't allow (a bad value must not become part of what is called normal).
 */
export function buildReferenceProfile(input: ReferenceInput): ReferenceProfile {
  requireParallel(input);
  const { applications, scores, thresholds } = input;
  return {
    format: REFERENCE_FORMAT,
    format_version: REFERENCE_FORMAT_VERSION,
    model: { name: input.model.name, version: input.model.version },
    n: applications.length,
    period: periodOf(applications),
    sources: input.sources,
    features: input.features.map((feature) => featureProfile(feature, applications)),
    score: scores === undefined ? null : distributionOf(scores),
    decisions: scores === undefined ? null : decisionsOf(scores, thresholds),
    performance: performanceOf(input),
    protected: protectedProfiles(input),
  };
}

function featureProfile(feature: ProfiledFeature, applications: readonly ProfiledApplication[]): FeatureProfile {
  const { name } = feature;
  const values = applications.map(({ features }) => (Object.hasOwn(features, name) ? features[name] : undefined));
  return feature.type === "numeric" ? numericProfile(feature, values) : categoricalProfile(feature, values);
}

function numericProfile(
  { name, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: ProfiledFeature & { type: "numeric" },
  values: readonly (FeatureValue | undefined)[],
): NumericFeatureProfile {
  const present: number[] = [];
  let outOfRange = 0;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new TypeError(`Feature ${name} has a value that is not a finite number.`);
    }
    if (value < min || value > max) outOfRange += 1;
    else present.push(value);
  }
  const missing = values.length - present.length;
  return { name, type: "numeric", missing, out_of_range: outOfRange, ...distributionOf(present) };
}

function categoricalProfile(
  { name, categories }: ProfiledFeature & { type: "categorical" },
  values: readonly (FeatureValue | undefined)[],
): CategoricalFeatureProfile {
  const counts = new Map(categories.map((category) => [category, 0]));
  let n = 0;
  let unseen = 0;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    if (typeof value !== "string") throw new TypeError(`Feature ${name} has a value that is not a string.`);
    const count = counts.get(value);
    if (count === undefined) {
      unseen += 1;
    } else {
      counts.set(value, count + 1);
      n += 1;
    }
  }
  const mode = n === 0 ? null : [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
  const profile = { categories: [...counts.keys()], counts: [...counts.values()] };
  return { name, type: "categorical", missing: values.length - n, unseen, ...profile, n, mode };
}

function decisionsOf(scores: readonly number[], thresholds: DecisionThresholds): ReferenceDecisions {
  const { approve_below, decline_at_or_above } = thresholds;
  return { approve_below, decline_at_or_above, ...decisionCounts(scores, thresholds) };
}

function decisionCounts(scores: Iterable<number>, thresholds: DecisionThresholds): DecisionCounts {
  const counts = { approve: 0, refer: 0, decline: 0 };
  for (const score of scores) {
    if (score < thresholds.approve_below) counts.approve += 1;
    else if (score < thresholds.decline_at_or_above) counts.refer += 1;
    else counts.decline += 1;
  }
  return counts;
}

function performanceOf({ scores, defaulted, thresholds }: ReferenceInput): ClassificationPerformance | null {
  if (scores === undefined || defaulted === undefined) return null;
  const known = scores.map((_, i) => i).filter((i) => defaulted[i] !== undefined);
  if (known.length === 0) return null;
  const outcomes = known.map((i) => defaulted[i] === true);
  return classificationPerformance(scoresOf(scores, known), outcomes, thresholds.decline_at_or_above);
}

function protectedProfiles({ groups, scores, thresholds }: ReferenceInput): ReferenceProfile["protected"] {
  if (groups === undefined) return null;
  const attributes = [...new Set(groups.flatMap((labels) => Object.keys(labels)))].sort();
  const profiles = attributes.map((attribute) => {
    const names = [...new Set(groups.flatMap((labels) => labels[attribute] ?? []))].sort();
    return [attribute, Object.fromEntries(names.map((name) => [name, groupProfile(attribute, name)]))];
  });
  return Object.fromEntries(profiles);

  function groupProfile(attribute: string, name: string): ProtectedGroupProfile {
    const members = [...groups!.keys()].filter((i) => groups![i]![attribute] === name);
    const decisions = scores && decisionCounts(scoresOf(scores, members), thresholds);
    return { n: members.length, decisions: decisions ?? null };
  }
}

function scoresOf(scores: readonly number[], rows: readonly number[]): number[] {
  return rows.map((i) => scores[i]!);
}

/** RFC 3339 times of any offset are compared as instants. */
function periodOf(applications: readonly ProfiledApplication[]): ReferenceProfile["period"] {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { submitted_at } of applications) {
    const instant = Date.parse(submitted_at);
    if (instant < from) from = instant;
    if (instant > to) to = instant;
  }
  if (!Number.isFinite(from)) throw new RangeError("No application has a time of submission that can be read.");
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function requireParallel({ applications, scores, defaulted, groups }: ReferenceInput): void {
  const n = applications.length;
  if (n === 0) throw new RangeError("A reference profile needs at least one application.");
  for (const [name, list] of Object.entries({ scores, outcomes: defaulted, groups })) {
    if (list !== undefined && list.length !== n) {
      throw new RangeError(`There are ${n} applications but ${list.length} ${name}.`);
    }
  }
}
