import { OperatorError } from "../platform/errors.ts";
import type { Feature } from "./manifest.ts";

/** Per feature, in manifest order and encoded as the model's input: the reference median, or the mode's index. */
export type TypicalValues = Float32Array;

/**
 * Reads the typical values out of a reference profile.
 * @param where names the file in errors.
 * @throws OperatorError naming the feature that the profile doesn't describe.
 */
export function parseTypicalValues(text: string, features: readonly Feature[], where: string): TypicalValues {
  let profile: { features?: readonly { name?: string; median?: unknown; mode?: unknown }[] };
  try {
    profile = JSON.parse(text);
  } catch (error) {
    throw new OperatorError(`${where} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const described = new Map(profile.features?.map((feature) => [feature.name, feature]));
  return Float32Array.from(features, (feature) => {
    const found = described.get(feature.name);
    const value = feature.type === "numeric" ? found?.median : feature.categories.indexOf(String(found?.mode));
    if (typeof value === "number" && Number.isFinite(value) && (feature.type === "numeric" || value >= 0)) return value;
    throw new OperatorError(
      `${where} gives no ${feature.type === "numeric" ? "median" : "mode"} for feature ${feature.name}; build the profile again for this manifest`,
    );
  });
}
