import type { FeatureComparison } from "../contracts/drift-report.ts";
import type { FeatureProfile } from "../contracts/reference-profile.ts";

/** Signs that not the applicants changed but what upstream sends of them. */

const NEARLY_ALL = 0.99;
const USUALLY_VARIED = 0.9;

/** Nearly every value lies in one bin, which was not so in the reference. */
export function isConstant({ counts, n }: FeatureComparison, profile: FeatureProfile): boolean {
  const referenceN = profile.counts.reduce((a, b) => a + b, 0);
  const most = Math.max(...counts);
  return n > 0 && most >= NEARLY_ALL * n && Math.max(...profile.counts) < USUALLY_VARIED * referenceN;
}

/** Units that are taken for one another: powers of ten, and months for years. */
const FACTORS = [1000, 100, 12, 10, 0.1, 1 / 12, 0.01, 0.001];
const TOLERANCE = 0.2;
/** A change of unit moves nearly the whole distribution. */
const LEAST_KS = 0.6;

/** The factor by which the values seem to have been multiplied, in words; undefined when it is none of the usual ones. */
export function scaleFactor(feature: FeatureComparison, profile: FeatureProfile): string | undefined {
  if (feature.type !== "numeric" || profile.type !== "numeric" || feature.ks < LEAST_KS) return undefined;
  if (feature.mean === null || !feature.reference_mean) return undefined;
  const ratio = feature.mean / feature.reference_mean;
  const factor = FACTORS.find((known) => Math.abs(ratio / known - 1) <= TOLERANCE);
  if (factor === undefined) return undefined;
  return factor >= 1 ? String(factor) : `1/${Math.round(1 / factor)}`;
}
