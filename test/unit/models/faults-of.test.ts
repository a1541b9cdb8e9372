import { describe, expect, it } from "vitest";
import { createValidator } from "../../../src/models/validate.ts";
import { SMALL_MANIFEST, validEvent } from "./small-manifest.ts";

const validator = createValidator(SMALL_MANIFEST);
const faultsOf = (event: unknown) => {
  const faults = validator.faultsOf({ value: event });
  expect(validator.faultsOf(Buffer.from(JSON.stringify(event)))).toEqual(faults);
  const validation = validator.readValue(event);
  // What it was rejected for comes first, in the very words of the dead letter.
  if (!validation.ok) {
    expect([faults[0]!.detail, `${faults[0]!.field} ${faults[0]!.detail}`]).toContain(validation.error);
  }
  return faults;
};

describe("the faults of a rejected event", () => {
  it("are all told, each with its field", () => {
    const { application_id: _, ...event } = validEvent();
    const faults = faultsOf({
      ...event,
      submitted_at: "yesterday",
      features: { ...event.features, amount: "7500", unknown: [], other: {} },
      protected: 1,
    });
    expect(faults.map(({ field }) => field)).toEqual([
      "application_id",
      "features.(a field the model doesn't use)",
      "features.amount",
      "protected",
      "submitted_at",
    ]);
    expect(faults[0]!.detail).toBe("is required but missing");
    expect(faults[2]!.detail).toBe("must be number; it is required");
  });

  it("are none where there is none", () => {
    expect(faultsOf(validEvent())).toEqual([]);
  });

  it("are of the event where no field is at fault", () => {
    for (const value of [null, [], "text", 1]) {
      expect(faultsOf(value)).toEqual([{ field: "the event", detail: "must be object" }]);
    }
    expect(faultsOf({ ...validEvent(), note: "\0" })).toMatchObject([{ field: "the event" }]);
    expect(validator.faultsOf(Buffer.from("{"))).toMatchObject([
      { field: "the event", detail: expect.stringContaining("not valid JSON") },
    ]);
  });
});
