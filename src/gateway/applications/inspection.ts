import type { FeatureValue } from "../../contracts/application.ts";
import { createEncoder } from "../../models/encode.ts";
import type { Feature } from "../../models/manifest.ts";

/** A feature that the model will not see, and why not. */
export type Blank = { readonly feature: string; readonly reason: "missing" | "out_of_range" | "unseen" };

/** Returns what finds the features that a model scores as missing. Expects features that have passed validation. */
export function createInspector(
  features: readonly Feature[],
): (values: Readonly<Record<string, FeatureValue>>) => Blank[] {
  const encoder = createEncoder(features);
  const tensor = new Float32Array(encoder.width);
  return (values) => {
    const blanks: Blank[] = [];
    encoder.encode(values, tensor, 0, (feature, reason) => blanks.push({ feature, reason }));
    return blanks;
  };
}
