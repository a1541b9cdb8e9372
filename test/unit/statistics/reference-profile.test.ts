import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CategoricalFeatureProfile, NumericFeatureProfile } from "../../../src/contracts/reference-profile.ts";
import { binIndex } from "../../../src/statistics/bins.ts";
import { buildReferenceProfile, type ReferenceInput } from "../../../src/statistics/build-reference-profile.ts";
import { formatReferenceProfile } from "../../../src/statistics/format-reference-profile.ts";

const FEATURES = [
  { name: "amount", type: "numeric", min: 1, max: 1_000 },
  { name: "purpose", type: "categorical", categories: ["car", "house", "other"] },
] as const;

function inputOf(
  rows: readonly ReferenceInput["applications"][number]["features"][],
  more: Partial<ReferenceInput> = {},
) {
  const applications = rows.map((features, i) => ({ submitted_at: `2010-01-0${(i % 9) + 1}T12:00:00.000Z`, features }));
  const thresholds = { approve_below: 0.12, decline_at_or_above: 0.25 };
  return { model: { name: "m", version: "1" }, features: FEATURES, applications, thresholds, sources: {}, ...more };
}

describe("buildReferenceProfile", () => {
  it("counts as missing what the model does not see", () => {
    const profile = buildReferenceProfile(
      inputOf([
        { amount: 10, purpose: "car" },
        { amount: 20, purpose: "boat" },
        { amount: 5_000, purpose: null },
        { amount: null, purpose: "other" },
        { purpose: "other", unknown: true },
      ]),
    );
    const [amount, purpose] = profile.features as [NumericFeatureProfile, CategoricalFeatureProfile];
    expect(amount).toMatchObject({ n: 2, missing: 3, out_of_range: 1, counts: [1, 1], sums: [10, 20], median: 15 });
    expect(purpose).toMatchObject({ n: 3, missing: 2, unseen: 1, counts: [1, 0, 2], mode: "other" });
  });

  it("describes the numbers of a feature as they are", () => {
    const amounts = fc.array(fc.double({ noNaN: true, min: 1, max: 1_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(amounts, (values) => {
        const profile = buildReferenceProfile(inputOf(values.map((amount) => ({ amount }))));
        const amount = profile.features[0] as NumericFeatureProfile;
        const bins = amount.counts.map((_, bin) => values.filter((value) => binIndex(amount.edges, value) === bin));
        expect(amount.counts).toEqual(bins.map((members) => members.length));
        for (const [bin, members] of bins.entries()) {
          expect(amount.sums[bin]).toBeCloseTo(
            members.reduce((sum, value) => sum + value, 0),
            6,
          );
        }
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(amount.mean).toBeCloseTo(mean, 6);
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        expect(amount.standard_deviation).toBeCloseTo(Math.sqrt(variance), 6);
        expect([amount.min, amount.max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });

  it("leaves null what it can't know", () => {
    const profile = buildReferenceProfile(inputOf([{}, {}]));
    expect(profile).toMatchObject({ score: null, decisions: null, performance: null, protected: null });
    expect(profile.features).toMatchObject([
      { n: 0, missing: 2, mean: null, median: null, edges: [], counts: [0] },
      { n: 0, missing: 2, mode: null },
    ]);
  });

  it("takes scores, outcomes and protected groups where they are known", () => {
    const profile = buildReferenceProfile(
      inputOf([{ amount: 1 }, { amount: 2 }, { amount: 3 }, { amount: 4 }], {
        scores: [0.11, 0.12, 0.25, 0.9],
        defaulted: [false, undefined, true, false],
        groups: [{ sex: "male" }, { sex: "female" }, { sex: "female", age: "25-34" }, {}],
      }),
    );
    expect(profile.score).toMatchObject({ n: 4, min: 0.11, max: 0.9 });
    expect(profile.decisions).toEqual({
      approve_below: 0.12,
      decline_at_or_above: 0.25,
      approve: 1,
      refer: 1,
      decline: 2,
    });
    expect(profile.performance).toMatchObject({ n: 3, defaults: 1, auc: 0.5, accuracy_threshold: 0.25 });
    expect(profile.protected).toEqual({
      age: { "25-34": { n: 1, decisions: { approve: 0, refer: 0, decline: 1 } } },
      sex: {
        female: { n: 2, decisions: { approve: 0, refer: 1, decline: 1 } },
        male: { n: 1, decisions: { approve: 1, refer: 0, decline: 0 } },
      },
    });
  });

  it("takes the period from the instants, whatever their order and offset", () => {
    const times = ["2010-03-01T00:30:00+02:00", "2010-02-28T23:00:00Z", "2010-01-05T10:00:00Z"];
    const applications = times.map((submitted_at) => ({ submitted_at, features: {} }));
    const { period } = buildReferenceProfile(inputOf([], { applications }));
    expect(period).toEqual({ from: "2010-01-05T10:00:00.000Z", to: "2010-02-28T23:00:00.000Z" });
  });

  it("refuses values of a wrong type and lists that don't belong together", () => {
    expect(() => buildReferenceProfile(inputOf([{ amount: "7500" }]))).toThrow(/amount/);
    expect(() => buildReferenceProfile(inputOf([{ purpose: 3 }]))).toThrow(/purpose/);
    expect(() => buildReferenceProfile(inputOf([]))).toThrow(/at least one/);
    expect(() => buildReferenceProfile(inputOf([{}], { scores: [] }))).toThrow(/1 applications but 0 scores/);
  });
});

describe("formatReferenceProfile", () => {
  it("writes the profile with one feature per line", () => {
    const profile = buildReferenceProfile(inputOf([{ amount: 1, purpose: "car" }]));
    const text = formatReferenceProfile(profile);
    expect(JSON.parse(text)).toEqual(profile);
    expect(text.split("\n").filter((line) => line.includes('"type":'))).toHaveLength(2);
  });
});
