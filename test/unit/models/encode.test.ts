import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FeatureValue } from "../../../src/contracts/application.ts";
import { createEncoder } from "../../../src/models/encode.ts";
import { SMALL_MANIFEST } from "./small-manifest.ts";

const encoder = createEncoder(SMALL_MANIFEST.features);

function encode(features: Readonly<Record<string, FeatureValue>>) {
  const faults: string[] = [];
  const tensor = new Float32Array(encoder.width).fill(-77);
  encoder.encode(features, tensor, 0, (feature, kind) => faults.push(`${feature} ${kind}`));
  return { row: [...tensor], faults };
}

describe("an application as the model's input", () => {
  it("has numbers as they are and categories as their index, in the manifest's order", () => {
    expect(encode({ housing: "none", purpose: "house", dti: -5, amount: 1_000, extra: 9 })).toEqual({
      row: [1_000, -5, 1, 2],
      faults: [],
    });
  });

  it("has NaN for what is absent or null, and says so", () => {
    expect(encode({ amount: null, purpose: "car" })).toEqual({
      row: [Number.NaN, Number.NaN, 0, Number.NaN],
      faults: ["amount missing", "dti missing", "housing missing"],
    });
  });

  it("has NaN for a number outside the range and a category that isn't listed, and says so", () => {
    expect(encode({ amount: 1_000.01, dti: -5.000001, purpose: "Car", housing: "" })).toEqual({
      row: [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
      faults: ["amount out_of_range", "dti out_of_range", "purpose unseen", "housing unseen"],
    });
    expect(encode({ amount: 0, dti: 5.5, purpose: "car", housing: "rent" }).faults).toEqual([]);
  });

  it("doesn't take what every object inherits for a feature or a category", () => {
    const [amount, , purpose] = SMALL_MANIFEST.features;
    const inherited = createEncoder([
      { ...amount!, name: "constructor" },
      { ...purpose!, name: "purpose" },
    ]);
    const faults: string[] = [];
    const tensor = new Float32Array(2);
    inherited.encode({ purpose: "toString" }, tensor, 0, (feature, kind) => faults.push(`${feature} ${kind}`));
    expect(faults).toEqual(["constructor missing", "purpose unseen"]);
  });

  it("fills its own row of a batch and no other", () => {
    fc.assert(
      fc.property(fc.nat(4), fc.integer({ min: 0, max: 1_000 }), (row, amount) => {
        const tensor = new Float32Array(5 * encoder.width).fill(-77);
        encoder.encode({ amount, dti: 1, purpose: "car", housing: "own" }, tensor, row, () => {});
        const expected = Array.from({ length: 5 }, (_, index) =>
          index === row ? [amount, 1, 0, 1] : Array(4).fill(-77),
        );
        expect([...tensor]).toEqual(expected.flat());
      }),
    );
  });
});
