import { OperatorError } from "../platform/errors.ts";
import type { Feature } from "./manifest.ts";

/** Per feature, in manifest order and encoded as the model's input: the reference median, or the mode's index. */
export type TypicalValues = Float32Array;

type Description = { readonly name?: string; readonly median?: unknown; readonly mode?: unknown };

/**
 * Reads the typical values out of a reference profile.
 * @param where names the file in errors.
 * @throws OperatorError naming the feature that the profile doesn't describe.
 */
export function parseTypicalValues(text: string, features: readonly Feature[], where: string): TypicalValues {
  let profile: { features?: unknown } | null;
  try {
    profile = JSON.parse(text);
  } catch (error) {
    throw new OperatorError(`${where} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const descriptions = Array.isArray(profile?.features) ? (profile.features as readonly (Description | null)[]) : [];
  const described = new Map(descriptions.map((description) => [description?.name, description]));
  return Float32Array.from(features, (feature) => {
    const found = described.get(feature.name);
    const value = feature.type === "numeric" ? found?.median : feature.categories.indexOf(String(found?.mode));
    if (typeof value === "number" && Number.isFinite(value) && (feature.type === "numeric" || value >= 0)) return value;
    throw new OperatorError(
      `${where} gives no ${feature.type === "numeric" ? "median" : "mode"} for feature ${feature.name}; build the profile again for this manifest`,
    );
  });
}
