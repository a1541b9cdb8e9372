import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../src/models/manifest.ts";
import { parseReferenceProfile } from "../../../src/models/parse-reference-profile.ts";
import { OperatorError } from "../../../src/platform/errors.ts";
import { buildReferenceProfile } from "../../../src/statistics/build-reference-profile.ts";
import { formatReferenceProfile } from "../../../src/statistics/format-reference-profile.ts";
import { SMALL_MANIFEST } from "./small-manifest.ts";

const APPLICATIONS = Array.from({ length: 50 }, (_, i) => ({
  submitted_at: `2010-01-${String((i % 28) + 1).padStart(2, "0")}T12:00:00.000Z`,
  features: { amount: 1 + i * 1.1, dti: i % 3, purpose: i % 4 ? "car" : "house", housing: i % 5 ? "own" : null },
}));
const profile = buildReferenceProfile({
  model: SMALL_MANIFEST,
  features: SMALL_MANIFEST.features,
  applications: APPLICATIONS,
  scores: APPLICATIONS.map((_, i) => i / 50),
  defaulted: APPLICATIONS.map((_, i) => i % 7 === 0),
  groups: APPLICATIONS.map((_, i) => (i % 2 ? { sex: "female" } : {})),
  thresholds: SMALL_MANIFEST.policy,
  sources: { applications: "made up" },
});
const text = formatReferenceProfile(profile);

/** The profile with one of its parts changed. */
function changed(change: (draft: Draft) => void): string {
  const draft = JSON.parse(text) as Draft;
  change(draft);
  return JSON.stringify(draft);
}
// biome-ignore lint/suspicious/noExplicitAny: what is parsed is of any shape.
type Draft = any;

describe("parseReferenceProfile", () => {
  it("gives back the profile that was written", () => {
    expect(parseReferenceProfile(text, "reference.json", SMALL_MANIFEST)).toEqual(profile);
  });

  it("takes every profile that can be built", () => {
    const features = fc.record(
      {
        amount: fc.option(fc.double({ noNaN: true, min: -10, max: 2_000 })),
        dti: fc.integer({ min: -6, max: 6 }),
        purpose: fc.constantFrom("car", "house", "boat"),
        housing: fc.constantFrom("rent", null),
      },
      { requiredKeys: [] },
    );
    const rows = fc.array(fc.tuple(features, fc.double({ noNaN: true, min: 0, max: 1 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, fc.boolean(), (drawn, isScored) => {
        const built = buildReferenceProfile({
          model: SMALL_MANIFEST,
          features: SMALL_MANIFEST.features,
          applications: drawn.map(([features]) => ({ submitted_at: "2010-01-01T00:00:00Z", features })),
          scores: isScored ? drawn.map(([, score]) => score) : undefined,
          thresholds: SMALL_MANIFEST.policy,
          sources: {},
        });
        expect(parseReferenceProfile(formatReferenceProfile(built), "r", SMALL_MANIFEST)).toEqual(built);
      }),
    );
  });

  it.each<[string, (draft: Draft) => void, string]>([
    ["another format", (d) => (d.format = "else"), 'format must be "plumbline-reference-profile"'],
    ["a later version", (d) => (d.format_version = 2), "format_version must be 1"],
    ["no features", (d) => delete d.features, "it must have required property 'features'"],
    ["a feature that is none", (d) => (d.features[1] = null), "features/1 must be object"],
    [
      "an unknown type",
      (d) => (d.features[1].type = "x"),
      "feature dti: type must be equal to one of the allowed values",
    ],
    ["no edges", (d) => delete d.features[1].edges, "feature dti must have required property 'edges'"],
    ["half a count", (d) => (d.features[1].counts[2] = 1.5), "feature dti: counts/2 must be integer"],
    [
      "no counts of categories",
      (d) => delete d.features[2].counts,
      "feature purpose must have required property 'counts'",
    ],
    ["an edge in words", (d) => (d.score.edges[3] = "x"), "score/edges/3 must be number"],
    ["a negative share", (d) => (d.performance.brier = -1), "performance/brier must be >= 0"],
    ["a group in words", (d) => (d.protected.sex.female.n = "x"), "protected/sex/female/n must be integer"],
    ["no time", (d) => (d.period.from = "yesterday"), "period/from must match pattern"],
  ])("is refused with %s", (_, change, message) => {
    expect(() => parseReferenceProfile(changed(change), "here/reference.json")).toThrow(
      `here/reference.json is not a reference profile: ${message}`,
    );
  });

  it.each<[string, (draft: Draft) => void, string]>([
    ["edges that fall", (d) => d.features[0].edges.reverse(), "feature amount: edges don't ascend"],
    ["group edges that fall", (d) => d.features[0].group_edges.reverse(), "feature amount: group_edges don't ascend"],
    ["a group edge of its own", (d) => (d.features[0].group_edges[0] = 1.5), "feature amount: group_edges has an edge"],
    ["a count too many", (d) => d.features[0].counts.push(0), "feature amount: counts has"],
    ["counts too high", (d) => d.features[0].counts[0]++, "feature amount: counts don't add up to n"],
    ["a sum too few", (d) => d.features[0].sums.pop(), "feature amount: sums has not one sum per bin"],
    ["another total", (d) => d.n++, "feature amount: n and missing don't add up to the profile's n"],
    ["too many out of range", (d) => d.features[0].out_of_range++, "feature amount: out_of_range is more than missing"],
    ["no median", (d) => (d.features[0].median = null), "feature amount: median is null at n = 50"],
    ["too many unseen", (d) => (d.features[2].unseen = 1), "feature purpose: unseen is more than missing"],
    [
      "a category too many",
      (d) => d.features[2].categories.push("x"),
      "feature purpose: counts has 2 counts instead of 3",
    ],
    ["an unlisted mode", (d) => (d.features[2].mode = "boat"), "feature purpose: mode is not in categories"],
    ["a feature twice", (d) => (d.features[1].name = "amount"), "feature amount is there twice"],
    ["a score too few", (d) => d.score.counts[0]--, "score: counts don't add up to n"],
    ["a decision too many", (d) => d.decisions.refer++, "decisions: approve, refer and decline don't add up"],
    ["more outcomes than loans", (d) => (d.performance.n = 51), "performance: n is more than the profile's n"],
  ])("is refused with %s", (_, change, message) => {
    const parsing = () => parseReferenceProfile(changed(change), "reference.json");
    expect(parsing).toThrow(OperatorError);
    expect(parsing).toThrow(/^reference.json contradicts itself: /);
    expect(parsing).toThrow(message);
  });

  it.each<[string, (draft: Draft) => void, string]>([
    ["another version's", (d) => (d.model.version = "2"), "it describes small 2, the manifest small 1"],
    ["of other features", (d) => (d.features[1].name = "income"), "feature dti of the manifest is income there"],
    ["in another order", (d) => d.features.reverse(), "feature amount of the manifest is housing there"],
    ["of fewer features", (d) => d.features.pop(), "feature housing of the manifest is absent"],
    ["of more features", (d) => d.features.push({ ...d.features[0], name: "x" }), "it has a feature x"],
    ["of other categories", (d) => (d.features[2].categories[1] = "x"), "feature purpose has other categories"],
  ])("is refused when it is %s", (_, change, message) => {
    const draft = changed((d) => {
      change(d);
      for (const feature of d.features) if (feature.mode) feature.mode = feature.categories[0];
    });
    expect(() => parseReferenceProfile(draft, "reference.json", SMALL_MANIFEST)).toThrow(
      `reference.json is the profile of another model: ${message}`,
    );
    expect(() => parseReferenceProfile(draft, "reference.json")).not.toThrow();
  });

  it("is refused when it isn't JSON", () => {
    expect(() => parseReferenceProfile("{", "reference.json")).toThrow(/^reference.json is not JSON: /);
    expect(() => parseReferenceProfile("[]", "reference.json")).toThrow(
      "is not a reference profile: it must be object",
    );
  });
});

describe("the shipped profile", () => {
  const shipped = new URL("../../../models/lendingclub/", import.meta.url);
  const manifestText = readFileSync(new URL("manifest.json", shipped), "utf8");
  const manifest = JSON.parse(manifestText);
  const profile = parseReferenceProfile(
    readFileSync(new URL("reference.json", shipped), "utf8"),
    "reference.json",
    parseManifest(manifestText, "manifest.json"),
  );

  it("describes the features of its manifest, each with a typical value", () => {
    expect(profile.features.map(({ name }) => name)).toEqual(
      manifest.features.map(({ name }: { name: string }) => name),
    );
    for (const feature of profile.features) {
      expect(feature.type === "numeric" ? feature.median : feature.mode, feature.name).not.toBeNull();
    }
  });

  it("has the out-of-fold performance that the manifest states", () => {
    const stated = manifest.training.out_of_fold;
    const { performance, decisions } = profile;
    expect(performance?.n).toBe(stated.n);
    for (const name of ["auc", "ks", "brier", "log_loss", "ece_10_equal_width"] as const) {
      expect(performance?.[name], name).toBeCloseTo(stated[name], 3);
    }
    expect(performance?.accuracy).toBeCloseTo(stated.accuracy_at_0_25, 3);
    expect(decisions!.approve / profile.n).toBeCloseTo(stated.approve, 3);
    expect(decisions!.decline / profile.n).toBeCloseTo(stated.decline, 3);
  });
});
