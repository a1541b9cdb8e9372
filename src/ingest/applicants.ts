import type { ApplicationEvent, FeatureValue } from "../contracts/application.ts";
import type { ApplicantSummary } from "./applicant-summary.ts";
import { correlatedNormals } from "./correlated-normals.ts";
import { type FeatureSampler, featureSampler } from "./feature-sampler.ts";
import type { PopulationShift } from "./population-shift.ts";
import { createSeededRandom } from "./seeded-random.ts";

export type Applicants = {
  /**
   * The next made-up application, from the shifted population when a shift is given.
   * @throws RangeError when the shift changes a feature, or the share of a value, that the summary doesn't have.
   */
  next(submittedAt: Date, shift?: PopulationShift): ApplicationEvent;
};

export type ApplicantOptions = {
  readonly summary: ApplicantSummary;
  /** The same seed gives the same applicants. */
  readonly seed: number;
  /** Ids are `<idPrefix>-000001` and so on; a prefix of its own per run keeps them apart from those of any other run. */
  readonly idPrefix: string;
};

/** An id has at most 64 characters, a hyphen and the largest safe integer take 17. */
const ID_PREFIX = /^[A-Za-z0-9_-]{1,47}$/;

/**
 * Makes up applications with the distributions and correlations of a summary, through a Gaussian copula: correlated
 * normals, each read through its feature's own distribution (Sklar 1959; Nelsen, "An Introduction to Copulas", 2006).
 * No real applicant is among its inputs.
 *
 * @throws RangeError when the prefix leaves no valid application id.
 */
export function createApplicants({ summary, seed, idPrefix }: ApplicantOptions): Applicants {
  if (!ID_PREFIX.test(idPrefix)) {
    throw new RangeError("The prefix of application ids must be 1 to 47 letters, digits, hyphens or underscores.");
  }
  const random = createSeededRandom(seed);
  const draw = correlatedNormals(summary.correlation);
  const normals = new Float64Array(summary.features.length);
  const usual = samplersUnder(summary, undefined);
  const wholes = summary.features.flatMap(({ name, at_most }) =>
    at_most === undefined ? [] : [[name, at_most] as const],
  );
  const shifted = new WeakMap<PopulationShift, FeatureSampler[]>();
  let count = 0;

  function samplersFor(shift: PopulationShift | undefined): FeatureSampler[] {
    if (shift === undefined) return usual;
    const known = shifted.get(shift) ?? samplersUnder(summary, shift);
    shifted.set(shift, known);
    return known;
  }

  return {
    next(submittedAt, shift) {
      const samplers = samplersFor(shift);
      draw(random, normals);
      const features: Record<string, FeatureValue> = {};
      for (let i = 0; i < samplers.length; i += 1) {
        const value = samplers[i]!(normals[i]!, random);
        if (value !== undefined) features[summary.features[i]!.name] = value;
      }
      for (const [part, whole] of wholes) keepAtMost(features, part, whole);
      count += 1;
      return {
        application_id: `${idPrefix}-${String(count).padStart(6, "0")}`,
        submitted_at: submittedAt.toISOString(),
        features,
      };
    },
  };
}

function samplersUnder({ features }: ApplicantSummary, shift: PopulationShift | undefined): FeatureSampler[] {
  const changes = shift?.changes ?? [];
  for (const { feature } of changes) {
    if (!features.some(({ name }) => name === feature))
      throw new RangeError(`The summary has no feature ${feature} to change.`);
  }
  return features.map((summary) =>
    featureSampler(
      summary,
      changes.filter(({ feature }) => feature === summary.name),
    ),
  );
}

/** Correlated draws can make a part larger than its whole; it becomes the whole then. */
function keepAtMost(features: Record<string, FeatureValue>, part: string, whole: string): void {
  const [value, most] = [features[part], features[whole]];
  if (typeof value === "number" && typeof most === "number" && value > most) features[part] = most;
}
