import { expect, test } from "vitest";
import { outcomeFault } from "../../../src/ingest/outcome.ts";

const VALID = { application_id: "A-1", observed_at: "2026-01-31T12:00:00.000Z", defaulted: false };

function faultOf(value: unknown): string | undefined {
  return outcomeFault(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)));
}

test("an outcome is valid, whatever else it holds", () => {
  expect(faultOf(VALID)).toBeUndefined();
  expect(faultOf({ ...VALID, observed_at: "2026-01-31T13:00:00+01:00", more: { of: ["it"] } })).toBeUndefined();
});

test("what is none is said in a sentence without its values", () => {
  expect(faultOf("{")).toBe("the event is not valid JSON; it may be cut off");
  expect(outcomeFault(Buffer.from([0x22, 0xff, 0x22]))).toBe("the event is not UTF-8 text; encode it as UTF-8");
  expect(faultOf([])).toBe("the event must be an object");
  expect(faultOf({ ...VALID, application_id: undefined })).toBe("application_id is required but missing");
  expect(faultOf({ ...VALID, application_id: "A 1" })).toBe(
    'application_id must be 1 to 64 letters, digits, "_" or "-"',
  );
  expect(faultOf({ ...VALID, application_id: 7 })).toBe("application_id must be text");
  expect(faultOf({ ...VALID, defaulted: 1 })).toBe("defaulted must be true or false");
  const time = "observed_at must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z";
  for (const observed_at of ["2026-01-31", "2026-02-30T00:00:00Z", ""])
    expect(faultOf({ ...VALID, observed_at })).toBe(time);
  expect(faultOf({ ...VALID, note: "\0" })).toBe("a text in the event has NUL or half a surrogate pair; remove it");
  expect(faultOf({ ...VALID, note: "x".repeat(300_000) })).toBe("the event is larger than 256 KiB; send less");
});
