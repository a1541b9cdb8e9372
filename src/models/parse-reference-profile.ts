import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import type { FeatureProfile, ReferenceProfile } from "../contracts/reference-profile.ts";
import { OperatorError } from "../platform/errors.ts";
import { OWN_SCHEMA } from "../platform/own-schema.ts";
import type { Feature, Manifest } from "./manifest.ts";
import { profileContradictions } from "./profile-contradictions.ts";
import schema from "./reference-profile.schema.json" with { type: "json" };

const isReferenceProfile = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  ...OWN_SCHEMA,
}).compile<ReferenceProfile>(schema);

/**
 * Reads the text of a reference.json: its shape by reference-profile.schema.json, then whether its numbers agree with each
 * other and, where a manifest is given, with the model that it is the reference of.
 *
 * @param where names the file in errors.
 * @throws OperatorError that names the field and what is wrong with it.
 */
export function parseReferenceProfile(
  text: string,
  where: string,
  manifest?: Pick<Manifest, "name" | "version" | "features">,
): ReferenceProfile {
  let profile: unknown;
  try {
    profile = JSON.parse(text);
  } catch (error) {
    throw new OperatorError(`${where} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isReferenceProfile(profile)) {
    throw new OperatorError(
      `${where} is not a reference profile: ${describe(isReferenceProfile.errors![0]!, profile)}`,
    );
  }
  const faults = profileContradictions(profile);
  if (faults.length > 0) throw new OperatorError(`${where} contradicts itself: ${faults.join("; ")}`);
  const difference = manifest && differenceFrom(manifest, profile);
  if (difference !== undefined) {
    throw new OperatorError(
      `${where} is the profile of another model: ${difference}. Build it again with \`plumbline models reference\`.`,
    );
  }
  return profile;
}

/** /features/3/counts/7 of the feature dti becomes "feature dti: counts/7". */
function describe({ instancePath, message, params }: ErrorObject, profile: unknown): string {
  const [, index, path] = /^\/features\/(\d+)(?:\/(.*))?$/.exec(instancePath) ?? [];
  const detail = "allowedValue" in params ? `must be ${JSON.stringify(params.allowedValue)}` : message;
  if (index === undefined) return `${instancePath.slice(1) || "it"} ${detail}`;
  const { name } = Object((profile as ReferenceProfile).features[Number(index)]) as { name?: unknown };
  const subject = typeof name === "string" ? `feature ${name}` : `features/${index}`;
  return path === undefined ? `${subject} ${detail}` : `${subject}: ${path} ${detail}`;
}

function differenceFrom(
  { name, version, features }: Pick<Manifest, "name" | "version" | "features">,
  { model, features: profiles }: ReferenceProfile,
): string | undefined {
  if (model.name !== name || model.version !== version) {
    return `it describes ${model.name} ${model.version}, the manifest ${name} ${version}`;
  }
  for (const [i, feature] of features.entries()) {
    const difference = featureDifference(feature, profiles[i]);
    if (difference !== undefined) return difference;
  }
  const more = profiles[features.length];
  return more && `it has a feature ${more.name} that the manifest doesn't have in that place`;
}

function featureDifference(feature: Feature, profile: FeatureProfile | undefined): string | undefined {
  if (profile?.name !== feature.name) {
    return `feature ${feature.name} of the manifest is ${profile ? `${profile.name} there` : "absent"}`;
  }
  if (profile.type !== feature.type) return `feature ${feature.name} is ${profile.type} instead of ${feature.type}`;
  if (profile.type === "numeric" || feature.type === "numeric") return undefined;
  const isEqual = JSON.stringify(profile.categories) === JSON.stringify(feature.categories);
  return isEqual ? undefined : `feature ${feature.name} has other categories than in the manifest`;
}
