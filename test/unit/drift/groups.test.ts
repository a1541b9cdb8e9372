import { describe, expect, it } from "vitest";
import type { FeatureProfile } from "../../../src/contracts/reference-profile.ts";
import { featureGroups } from "../../../src/drift/page/groups.ts";
import { shippedSubject } from "../../support/drift-reports.ts";

const { reference } = shippedSubject();
const profileOf = (name: string): FeatureProfile => reference.features.find((feature) => feature.name === name)!;
const labelsOf = (name: string) => {
  const profile = profileOf(name);
  return featureGroups(profile, profile.counts).map(({ label }) => label.replaceAll("\u00a0", " "));
};

describe("the groups of a feature", () => {
  it("have shares that add up to 1, the same for the reference beside itself", () => {
    for (const profile of reference.features) {
      const groups = featureGroups(profile, profile.counts);
      expect(groups.reduce((sum, { reference: share }) => sum + share, 0)).toBeCloseTo(1, 10);
      for (const { reference: share, current } of groups) expect(current).toBe(share);
    }
  });

  it("are named by their values", () => {
    expect(labelsOf("term_months")).toEqual(["36", "60"]);
    expect(labelsOf("total_accounts").slice(0, 3)).toEqual(["below 8", "8 – 10", "11 – 13"]);
    expect(labelsOf("annual_income").slice(0, 2)).toEqual(["below 27,228", "27,228 to < 35,482"]);
    expect(labelsOf("annual_income").at(-1)).toBe("115,000 and more");
    expect(labelsOf("delinquencies_2y")).toEqual(["0", "1", "2", "3", "4 and more"]);
  });

  it("each have a name of their own", () => {
    for (const { name } of reference.features) expect(new Set(labelsOf(name)).size).toBe(labelsOf(name).length);
  });

  it("come with the most frequent category first", () => {
    expect(labelsOf("purpose")[0]).toBe("debt_consolidation");
  });

  it("are empty, not undefined, without any value", () => {
    const profile = profileOf("term_months");
    expect(featureGroups(profile, [0, 0]).map(({ current }) => current)).toEqual([0, 0]);
  });
});
