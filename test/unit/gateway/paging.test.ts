import { expect, test } from "vitest";
import { Problem } from "../../../src/gateway/problem.ts";
import { cursorOf, pageOf } from "../../../src/gateway/reading/paging.ts";

test("a page begins where the one before ended", () => {
  expect(pageOf({})).toEqual({ limit: 50, before: undefined });
  expect(pageOf({ limit: "7", before: cursorOf(2 ** 40) })).toEqual({ limit: 7, before: 2 ** 40 });
});

test("what was never a `next` is refused by its name", () => {
  for (const before of ["", "1", "cA", Buffer.from("p1.5").toString("base64url"), "p12", "ä"]) {
    expect(() => pageOf({ before })).toThrow(Problem);
  }
});
