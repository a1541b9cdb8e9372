import { describe, expect, it } from "vitest";
import type { ReferenceProfile } from "../../../src/contracts/reference-profile.ts";
import { typicalValuesOf } from "../../../src/models/typical-values.ts";
import { OperatorError } from "../../../src/platform/errors.ts";
import { SMALL_MANIFEST } from "./small-manifest.ts";

const FEATURES: readonly object[] = [
  { name: "housing", type: "categorical", mode: "own" },
  { name: "amount", type: "numeric", median: 250 },
  { name: "unused", type: "numeric", median: 1 },
  { name: "dti", type: "numeric", median: 0.1 },
  { name: "purpose", type: "categorical", mode: "car" },
];

function read(features: readonly object[]) {
  return typicalValuesOf({ features } as ReferenceProfile, SMALL_MANIFEST.features, "reference.json");
}

describe("typical values", () => {
  it("are medians, and indices of modes, in the manifest's order and the model's precision", () => {
    expect([...read(FEATURES)]).toEqual([250, Math.fround(0.1), 0, 1]);
  });

  it.each([
    ["amount", { type: "categorical", mode: "car" }, "median"],
    ["dti", { type: "numeric", median: null }, "median"],
    ["purpose", { type: "categorical", mode: "yacht" }, "mode"],
    ["purpose", { type: "categorical", mode: null }, "mode"],
    ["housing", { type: "numeric", median: 1 }, "mode"],
  ])("are refused when %s has %j, naming the feature", (name, description, what) => {
    const features = FEATURES.map((feature) =>
      "name" in feature && feature.name === name ? { name, ...description } : feature,
    );
    expect(() => read(features)).toThrow(
      new OperatorError(
        `reference.json gives no ${what} for feature ${name}; build the profile again for this manifest`,
      ),
    );
  });

  it("are refused when a feature isn't described at all", () => {
    expect(() => read(FEATURES.slice(0, 3))).toThrow(/^reference.json gives no median for feature dti;/);
  });
});
