import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createValidator } from "../../../src/models/validate.ts";
import { fieldName, jsonValue } from "./field-name.ts";
import { SMALL_MANIFEST, validEvent } from "./small-manifest.ts";

const validator = createValidator(SMALL_MANIFEST);

/** A text, and a number whose digits no sentence has. */
const MARKERS = ["Zq7secret", 918_273_645] as const;

/** Values that carry a marker, of every type, well-formed or not. */
const marked = fc
  .constantFrom<unknown>(...MARKERS, `\0${MARKERS[0]}`, `\ud800${MARKERS[0]}`, `${MARKERS[0]}\n2026-01-31T12:00:00Z`)
  .chain((value) => fc.constantFrom<unknown>(value, [value], { [String(value)]: value }, { deep: [[value]] }));
const name = fc.constantFrom("application_id", "submitted_at", "features", "protected", "supersedes", MARKERS[0]);
const feature = fc.constantFrom("amount", "dti", "purpose", "housing", MARKERS[0], `${MARKERS[0]}\0`, "");

/** A valid event with one to three places changed. */
const changed = fc
  .array(fc.record({ place: fc.constantFrom("top", "features", "protected"), name, feature, value: marked }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((changes) => {
    const event: Record<string, unknown> = { ...validEvent(), protected: { sex: "female" } };
    for (const change of changes) {
      if (change.place === "top") event[change.name] = change.value;
      else event[change.place] = { ...(event[change.place] as object), [change.feature]: change.value };
    }
    return event;
  });

describe("a rejection", () => {
  it("is one line without any value of the event", () => {
    let rejections = 0;
    fc.assert(
      fc.property(changed, fc.boolean(), (event, isCutOff) => {
        const text = JSON.stringify(event);
        const answers = [
          validator.readValue(event),
          validator.readBytes(Buffer.from(isCutOff ? text.slice(0, -1) : text)),
        ];
        for (const answer of answers) {
          if (answer.ok) continue;
          rejections++;
          expect(answer.error).toMatch(/^[\x20-\x7e]{10,200}$/);
          for (const marker of MARKERS) expect(answer.error).not.toContain(String(marker));
        }
      }),
      { numRuns: 2_000 },
    );
    expect(rejections).toBeGreaterThan(1_000);
  });
});

describe("the two doors", () => {
  const json = fc.oneof(
    changed,
    jsonValue,
    jsonValue.map((value) => ({ ...validEvent(), note: value })),
    fc.dictionary(fieldName("binary"), jsonValue).map((features) => ({
      ...validEvent(),
      features: { ...features, ...validEvent().features },
    })),
  );

  it("answer alike to every JSON value", () => {
    let valid = 0;
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value);
        const byBytes = validator.readBytes(Buffer.from(text));
        const byValue = validator.readValue(JSON.parse(text));
        if (!byBytes.ok) {
          expect(byBytes).toEqual(byValue);
          return;
        }
        valid++;
        const { text: stored, ...rest } = byBytes;
        expect(rest).toEqual(byValue);
        expect(JSON.parse(stored.toString())).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
    expect(valid).toBeGreaterThan(300);
  });
});
