import { expect, test } from "vitest";
import { OperatorError } from "../../../src/platform/errors.ts";
import { indexRows, judge } from "../../../src/scorer/judge.ts";
import { decision, entry, event } from "./entries.ts";

test("a message under the sequence of another application is not taken for its redelivery", () => {
  const stored = indexRows([
    { kind: "decision", decision: decision(5, "A"), event: JSON.stringify(event("A")) },
    { kind: "decision", decision: decision(7, "B"), event: JSON.stringify(event("B")) },
  ]);
  expect(() => judge(entry(5, event("new")), stored)).toThrow(OperatorError);
  expect(() => judge(entry(5, event("B")), stored)).toThrow(
    /^sequence 5 of stream APPLICATIONS is recorded for another application/,
  );
  expect(judge(entry(5, event("A")), stored)).toMatchObject({ kind: "decided", isNew: false });
});
