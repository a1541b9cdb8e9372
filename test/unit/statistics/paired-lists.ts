import fc from "fast-check";

const count = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1_000_000));

/** Two lists of counts over the same cells, empty cells and empty lists among them. */
export const pairedLists = fc
  .array(fc.tuple(count, count), { maxLength: 60 })
  .map((pairs) => [pairs.map(([a]) => a), pairs.map(([, b]) => b)] as const);
