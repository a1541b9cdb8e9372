import { describe, expect, it } from "vitest";
import { protectedGroups } from "../../../src/statistics/protected-groups.ts";

describe("protectedGroups", () => {
  it.each([
    [18, "under 25"],
    [24.9, "under 25"],
    [25, "25-34"],
    [34, "25-34"],
    [35, "35-44"],
    [45, "45-54"],
    [55, "55-61"],
    [61, "55-61"],
    [62, "62 and over"],
    [99, "62 and over"],
  ])("puts the age %f into the group %s", (age, group) => {
    expect(protectedGroups({ age })).toEqual({ age: group });
  });

  it("takes every other value for a group, and leaves out what has none", () => {
    const attributes = { sex: "female", veteran: true, region: 7, age: "25-34", race: null };
    expect(protectedGroups(attributes)).toEqual({ sex: "female", veteran: "true", region: "7", age: "25-34" });
    expect(protectedGroups(null)).toEqual({});
    expect(protectedGroups(undefined)).toEqual({});
  });
});
