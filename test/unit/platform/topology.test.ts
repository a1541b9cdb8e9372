import { describe, expect, it } from "vitest";
import { configurationDifferences } from "../../../src/platform/topology.ts";

describe("differences of a configuration", () => {
  const requested = { name: "S", subjects: ["s.>"], max_age: 0, max_bytes: 5, flag: true, off: false, any: -1 };

  it("are none when the broker returns what was asked, and more", () => {
    expect(configurationDifferences(requested, { ...requested, num_replicas: 1 })).toEqual([]);
  });

  it("are none when it leaves out what is zero, false or without limit", () => {
    const { max_age: _, off: __, any: ___, ...returned } = requested;
    expect(configurationDifferences(requested, returned)).toEqual([]);
  });

  it("are named, each with both values", () => {
    const returned = { ...requested, subjects: ["s.>", "t.>"], max_bytes: 6, off: true, any: 0 };
    expect(configurationDifferences(requested, returned)).toEqual([
      'subjects is ["s.>","t.>"] instead of ["s.>"]',
      "max_bytes is 6 instead of 5",
      "off is true instead of false",
      "any is 0 instead of -1",
    ]);
  });

  it("are found where an older broker ignored a setting", () => {
    const { flag: _, max_bytes: __, ...returned } = requested;
    expect(configurationDifferences(requested, returned)).toEqual([
      "max_bytes is undefined instead of 5",
      "flag is undefined instead of true",
    ]);
  });
});
