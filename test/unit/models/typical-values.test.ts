import { describe, expect, it } from "vitest";
import { parseTypicalValues } from "../../../src/models/typical-values.ts";
import { OperatorError } from "../../../src/platform/errors.ts";
import { SMALL_MANIFEST } from "./small-manifest.ts";

const PROFILE = {
  features: [
    { name: "housing", mode: "own" },
    { name: "amount", median: 250 },
    { name: "unused", median: 1 },
    { name: "dti", median: 0.1 },
    { name: "purpose", mode: "car" },
  ],
};

function parse(profile: unknown) {
  return parseTypicalValues(JSON.stringify(profile), SMALL_MANIFEST.features, "reference.json");
}

describe("typical values", () => {
  it("are medians, and indices of modes, in the manifest's order and the model's precision", () => {
    expect([...parse(PROFILE)]).toEqual([250, Math.fround(0.1), 0, 1]);
  });

  it.each([
    ["amount", { median: "250" }, "median"],
    ["amount", { mode: 250 }, "median"],
    ["dti", { median: null }, "median"],
    ["purpose", { mode: "yacht" }, "mode"],
    ["housing", { median: 1 }, "mode"],
  ])("are refused when %s has %j, naming the feature", (name, description, what) => {
    const features = PROFILE.features.map((feature) => (feature.name === name ? { name, ...description } : feature));
    expect(() => parse({ features })).toThrow(
      new OperatorError(
        `reference.json gives no ${what} for feature ${name}; build the profile again for this manifest`,
      ),
    );
  });

  it("are refused when a feature isn't described at all, or nothing is", () => {
    const others = PROFILE.features.filter(({ name }) => name !== "dti");
    expect(() => parse({ features: others })).toThrow(/^reference.json gives no median for feature dti;/);
    for (const profile of [{}, null, [], 1, { features: 1 }, { features: [null] }]) {
      expect(() => parse(profile), JSON.stringify(profile)).toThrow(OperatorError);
    }
  });

  it("are refused when the profile isn't JSON", () => {
    expect(() => parseTypicalValues("{", SMALL_MANIFEST.features, "reference.json")).toThrow(
      /^reference.json is not JSON/,
    );
  });
});
