import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Manifest, parseManifest } from "../../../src/models/manifest.ts";
import { OperatorError } from "../../../src/platform/errors.ts";
import { SMALL_MANIFEST } from "./small-manifest.ts";

type Loose = Record<string, unknown>;
function parse(manifest: unknown): Manifest {
  return parseManifest(JSON.stringify(manifest), "manifest.json");
}
/** The small manifest with one feature changed. */
const withFeature = (index: number, change: Loose) => ({
  ...SMALL_MANIFEST,
  features: SMALL_MANIFEST.features.map((feature, at) => (at === index ? { ...feature, ...change } : feature)),
});
const without = (value: object, key: string) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

describe("a manifest", () => {
  it("is read with whatever else it says", () => {
    const manifest = { ...SMALL_MANIFEST, training: { rows: 1 } };
    expect(parse(manifest)).toEqual(manifest);
    const shipped = new URL("../../../models/lendingclub/manifest.json", import.meta.url);
    expect(parseManifest(readFileSync(shipped, "utf8"), "manifest.json").features).toHaveLength(18);
  });

  it("is refused when it isn't JSON, or no object", () => {
    expect(() => parseManifest("{", "m.json")).toThrow(/^m.json is not JSON/);
    for (const value of [null, [], 1, "x"])
      expect(() => parse(value)).toThrow(/^manifest.json is not a model manifest/);
  });

  it.each(["name", "version", "onnx", "features", "policy"])("is refused without %s", (key) => {
    expect(() => parse(without(SMALL_MANIFEST, key))).toThrow(new RegExp(`must have required property '${key}'`));
  });

  it.each<[string, unknown, RegExp]>([
    ["another model file", { ...SMALL_MANIFEST, onnx: { ...SMALL_MANIFEST.onnx, file: "../x.onnx" } }, /\/onnx\/file/],
    ["a short hash", { ...SMALL_MANIFEST, onnx: { ...SMALL_MANIFEST.onnx, sha256: "abc" } }, /\/onnx\/sha256/],
    ["a third class", { ...SMALL_MANIFEST, onnx: { ...SMALL_MANIFEST.onnx, positive_class: 2 } }, /positive_class/],
    ["no features", { ...SMALL_MANIFEST, features: [] }, /\/features/],
    ["a name with blanks", { ...SMALL_MANIFEST, name: "a b" }, /\/name/],
    ["a version with a slash", { ...SMALL_MANIFEST, version: "1/2" }, /\/version/],
    ["a feature's name with a dot", withFeature(0, { name: "a.b" }), /\/features\/0\/name/],
    ["a feature of no known type", withFeature(0, { type: "text" }), /\/features\/0/],
    ["a number without a maximum", withFeature(0, { max: undefined }), /\/features\/0 .*'max'/],
    ["a category without a list", withFeature(2, { categories: undefined }), /\/features\/2 .*'categories'/],
    ["a category listed twice", withFeature(2, { categories: ["a", "b", "a"] }), /\/features\/2\/categories/],
    ["an empty list of categories", withFeature(2, { categories: [] }), /\/features\/2\/categories/],
    ["a feature without a reason", withFeature(1, { reason: undefined }), /\/features\/1 .*'reason'/],
    ["a reason without a text", withFeature(1, { reason: { code: "R", text: "" } }), /\/features\/1\/reason\/text/],
    [
      "a threshold above 1",
      { ...SMALL_MANIFEST, policy: { ...SMALL_MANIFEST.policy, approve_below: 12 } },
      /approve_below/,
    ],
  ])("is refused with %s", (_, manifest, where) => {
    expect(() => parse(manifest)).toThrow(OperatorError);
    expect(() => parse(manifest)).toThrow(where);
  });

  it("has all its faults listed at once", () => {
    const manifest = { ...withFeature(0, { required: "yes" }), version: "", name: 1 };
    expect(() => parse(manifest)).toThrow(/\/name .*\/version .*\/features\/0\/required /s);
  });

  it("is refused when it contradicts itself, each contradiction named", () => {
    const { policy } = SMALL_MANIFEST;
    const manifest = {
      ...withFeature(1, { name: "amount", min: 9, max: 8 }),
      policy: {
        ...policy,
        approve_below: 0.5,
        decline_at_or_above: 0.4,
        risk_bands: { low_below: 0.2, high_at_or_above: 0.1 },
      },
    };
    expect(() => parse(manifest)).toThrow(
      new OperatorError(
        "manifest.json contradicts itself: feature amount is listed twice; feature amount: min > max; " +
          "policy: approve_below > decline_at_or_above; policy.risk_bands: low_below > high_at_or_above",
      ),
    );
  });

  it("may have a range of one number, and thresholds that are the same", () => {
    const policy = {
      approve_below: 0.2,
      decline_at_or_above: 0.2,
      risk_bands: { low_below: 0.2, high_at_or_above: 0.2 },
    };
    expect(() => parse({ ...withFeature(0, { min: 3, max: 3 }), policy })).not.toThrow();
  });
});
