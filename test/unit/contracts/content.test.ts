import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApplicationEvent, FeatureValue } from "../../../src/contracts/application.ts";
import { contentDigest, equalContent, payloadDigest, recommendedMessageId } from "../../../src/contracts/content.ts";
import { fieldName } from "../models/field-name.ts";

const scalar = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
);
const values = fc.dictionary(
  fc.oneof(fieldName("grapheme"), fc.constantFrom("__proto__", "constructor", "amount")),
  scalar,
);
const event: fc.Arbitrary<ApplicationEvent> = fc.record(
  {
    application_id: fc.constant("A-1"),
    submitted_at: fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }).map(isoText),
    features: values,
    protected: fc.option(values),
  },
  { requiredKeys: ["application_id", "submitted_at", "features"] },
);

function isoText(date: Date): string {
  return date.toISOString();
}

/** As it arrives: parsed from a text, so that `__proto__` is a field like any other. */
function parsed(value: unknown): ApplicationEvent {
  return JSON.parse(JSON.stringify(value)) as ApplicationEvent;
}

function without(of: object, wanted: (value: unknown) => boolean): Record<string, FeatureValue> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => wanted(value)));
}

/** The same content in other words. */
function reworded({ features, protected: shielded, submitted_at, ...rest }: ApplicationEvent): ApplicationEvent {
  const local = new Date(Date.parse(submitted_at) - 5.5 * 3_600_000).toISOString().replace("Z", "-05:30");
  const reversed = Object.fromEntries(Object.entries({ ...features, "never given": null }).reverse());
  const present = without(shielded ?? {}, (value) => value !== null);
  return JSON.parse(
    JSON.stringify(
      { supersedes: "A-0", protected: present, features: reversed, submitted_at: local, ...rest },
      undefined,
      "\t",
    ),
  );
}

describe("equal content", () => {
  it("is that of the same instant and the same values, in whatever words", () => {
    fc.assert(
      fc.property(event, (generated) => {
        const original = parsed(generated);
        expect(equalContent(original, parsed(original))).toBe(true);
        expect(equalContent(original, reworded(original))).toBe(true);
        expect(equalContent(reworded(original), original)).toBe(true);
        expect(contentDigest(reworded(original))).toBe(contentDigest(original));
      }),
    );
  });

  it("is lost with any one value that is changed, added or taken away, and the answer is the same both ways", () => {
    const part = fc.constantFrom("features" as const, "protected" as const);
    fc.assert(
      fc.property(event, part, fieldName("grapheme"), scalar, (generated, of, key, value) => {
        const original = parsed(generated);
        const changed = parsed({ ...original, [of]: { ...original[of], [key]: value } });
        const before = original[of] && Object.hasOwn(original[of], key) ? original[of][key] : null;
        const isSame = before === changed[of]![key];
        expect(equalContent(original, changed)).toBe(isSame);
        expect(equalContent(changed, original)).toBe(isSame);
        expect(contentDigest(changed) === contentDigest(original)).toBe(isSame);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is that of any two events the same way round as the other way", () => {
    fc.assert(
      fc.property(event, event, (a, b) => {
        expect(equalContent(parsed(a), parsed(b))).toBe(equalContent(parsed(b), parsed(a)));
      }),
    );
  });

  it("tells types apart, and 0 from false from empty from missing", () => {
    const kinds: FeatureValue[] = [0, false, "", null, "0", 1, true, "1", "null"];
    const events = kinds.map(
      (x): ApplicationEvent => ({ application_id: "A", submitted_at: "2026-01-01T00:00:00Z", features: { x } }),
    );
    for (const [i, a] of events.entries()) {
      for (const [j, b] of events.entries()) expect(equalContent(a, b), `${kinds[i]} and ${kinds[j]}`).toBe(i === j);
    }
  });

  it("is lost with another instant, by as little as a millisecond", () => {
    const at = (submitted_at: string): ApplicationEvent => ({ application_id: "A", submitted_at, features: {} });
    expect(equalContent(at("2026-01-01T00:00:00.001Z"), at("2026-01-01T00:00:00Z"))).toBe(false);
    expect(equalContent(at("2026-01-01T00:00:00Z"), at("2026-01-01T01:00:00.000+01:00"))).toBe(true);
  });
});

describe("the recommended message id", () => {
  it("is the application's id and the first 16 hex digits of the payload's SHA-256", () => {
    // printf '{"a":1}' | sha256sum
    expect(payloadDigest(Buffer.from('{"a":1}'))).toBe("015abd7f5cc57a2d");
    expect(recommendedMessageId("A-1", Buffer.from('{"a":1}'))).toBe("A-1:015abd7f5cc57a2d");
  });
});
