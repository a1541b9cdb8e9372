import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unstorable } from "../../../src/models/storable.ts";

describe("a JSON value", () => {
  it("can be stored when it has no NUL, no half pair, finite numbers only, and few levels", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8, stringUnit: "grapheme" }), (value) => {
        fc.pre(!JSON.stringify(value).includes("\\u0000"));
        expect(unstorable(value)).toBe(undefined);
      }),
    );
  });

  it("can't with one bad leaf or key, wherever it is", () => {
    const bad = fc.constantFrom<unknown>("\0", "a\0b", "\ud800", "\udfff!", Number.POSITIVE_INFINITY, Number.NaN);
    const badKey = fc.constantFrom("\0", "x\ud800");
    const steps = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constant(undefined)), { maxLength: 20 });
    const leaf = fc.oneof(
      bad,
      badKey.map((key) => ({ [key]: 1 })),
    );
    fc.assert(
      fc.property(leaf, steps, (bottom, path) => {
        const value = path.reduce<unknown>(
          (inner, key) => (key === undefined ? [0, inner, "x"] : { before: null, [key]: inner, after: [] }),
          bottom,
        );
        expect(unstorable(value)).toMatch(/^(a text|a number|a field name) in the event /);
      }),
    );
  });

  it("may have 32 levels and not 33, and a very deep one doesn't exhaust the stack", () => {
    const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`) as unknown;
    expect(unstorable(deep(32))).toBe(undefined);
    expect(unstorable(deep(33))).toMatch(/32 levels/);
    expect(unstorable(deep(40_000))).toMatch(/32 levels/);
  });
});
