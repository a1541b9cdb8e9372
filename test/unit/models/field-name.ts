import fc from "fast-check";

/**
 * Any name of a field but those with a backslash: V8's JSON.parse, once it has met one, takes some names that are
 * written with escapes for it (nodejs/node issue 63785, open for Node 24).
 */
export function fieldName(unit: "binary" | "grapheme"): fc.Arbitrary<string> {
  return fc.string({ unit, maxLength: 12 }).filter((name) => !name.includes("\\"));
}

/** A JSON value without such names. */
export const jsonValue = fc.jsonValue({ maxDepth: 5, stringUnit: "binary" }).filter(
  // In a JSON text two backslashes stand for one.
  (value) => !JSON.stringify(value).includes("\\\\"),
);
