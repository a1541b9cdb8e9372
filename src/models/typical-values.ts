import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import { OperatorError } from "../platform/errors.ts";
import type { Feature } from "./manifest.ts";

/** Per feature, in manifest order and encoded as the model's input: the reference median, or the mode's index. */
export type TypicalValues = Float32Array;

/**
 * The typical values of a model's features by its reference profile.
 * @param where names the profile's file in errors.
 * @throws OperatorError naming the feature that nobody had a value of.
 */
export function typicalValuesOf(
  profile: Pick<ReferenceProfile, "features">,
  features: readonly Feature[],
  where: string,
): TypicalValues {
  const described = new Map(profile.features.map((description) => [description.name, description]));
  return Float32Array.from(features, (feature) => {
    const found = described.get(feature.name);
    if (feature.type === "numeric" && found?.type === "numeric" && found.median !== null) return found.median;
    if (feature.type === "categorical" && found?.type === "categorical" && found.mode !== null) {
      const index = feature.categories.indexOf(found.mode);
      if (index >= 0) return index;
    }
    throw new OperatorError(
      `${where} gives no ${feature.type === "numeric" ? "median" : "mode"} for feature ${feature.name}; build the profile again for this manifest`,
    );
  });
}
