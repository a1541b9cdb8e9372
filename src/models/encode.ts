import type { FeatureValue } from "../contracts/application.ts";
import type { Feature } from "./manifest.ts";

/** What of an application's features the model can't use; called once per such feature. */
export type QualityObserver = (feature: string, kind: "missing" | "out_of_range" | "unseen") => void;

/** Writes one application's features into its row of the input tensor. */
export type Encoder = {
  readonly width: number;
  encode(
    features: Readonly<Record<string, FeatureValue>>,
    tensor: Float32Array,
    row: number,
    observe: QualityObserver,
  ): void;
};

/**
 * The encoder for a manifest's features, in its order: a number as it is, a category as its index, and NaN for what is
 * missing, outside the range or not listed. Expects features that have passed validation.
 */
export function createEncoder(features: readonly Feature[]): Encoder {
  const columns = features.map((feature) => ({
    feature,
    indexOf:
      feature.type === "categorical" ? new Map(feature.categories.map((name, index) => [name, index])) : undefined,
  }));
  const width = features.length;

  return {
    width,
    encode(values, tensor, row, observe) {
      let at = row * width;
      for (const { feature, indexOf } of columns) {
        const value = Object.hasOwn(values, feature.name) ? values[feature.name] : undefined;
        let encoded = Number.NaN;
        if (value === undefined || value === null) {
          observe(feature.name, "missing");
        } else if (feature.type === "numeric") {
          if (typeof value === "number" && value >= feature.min && value <= feature.max) encoded = value;
          else observe(feature.name, "out_of_range");
        } else {
          encoded = indexOf?.get(value as string) ?? Number.NaN;
          if (Number.isNaN(encoded)) observe(feature.name, "unseen");
        }
        tensor[at++] = encoded;
      }
    },
  };
}
