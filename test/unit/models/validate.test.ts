import { describe, expect, it } from "vitest";
import { MAX_APPLICATION_BYTES } from "../../../src/contracts/application.ts";
import { createValidator } from "../../../src/models/validate.ts";
import { SMALL_MANIFEST, validEvent } from "./small-manifest.ts";

const validator = createValidator(SMALL_MANIFEST);
const MARKER = "s3cr3t";

function readText(text: string) {
  return validator.readBytes(Buffer.from(text));
}

/** The answer of both doors, which must be the same but for the text to store. */
function read(event: unknown) {
  const byBytes = readText(JSON.stringify(event));
  const { text: _, ...withoutText } = byBytes.ok ? byBytes : { ...byBytes, text: undefined };
  expect(validator.readValue(event)).toEqual(withoutText);
  return byBytes;
}

const withFeature = (name: string, value: unknown) => ({
  ...validEvent(),
  features: { ...validEvent().features, [name]: value },
});
const without = (name: string) => {
  const { [name]: _, ...features } = validEvent().features;
  return { ...validEvent(), features };
};

describe("a valid application", () => {
  it("is read with its instant, and stored as it came", () => {
    const event = { ...validEvent(), protected: { sex: "female" } };
    const payload = Buffer.from(JSON.stringify(event));
    const answer = validator.readBytes(payload);
    expect(answer).toEqual({
      ok: true,
      event,
      submittedAt: Date.UTC(2026, 0, 31, 12),
      text: payload,
    });
  });

  it("may lack optional features, have them null, and have fields that nobody knows", () => {
    const event = {
      ...without("dti"),
      features: { amount: 1, purpose: "car", housing: null, nickname: "Ö", score: 1.5, is_new: true, nothing: null },
      protected: { sex: "female", age: 34, veteran: null },
      supersedes: "A-0",
      source: { system: "branch", tags: ["a", "b"] },
    };
    expect(read(event)).toMatchObject({ ok: true, event });
  });

  it("may have `protected` and `supersedes` null", () => {
    expect(read({ ...validEvent(), protected: null, supersedes: null })).toMatchObject({ ok: true });
  });

  it("may have numbers out of range and categories that are not listed", () => {
    for (const event of [withFeature("amount", 1e9), withFeature("amount", -1), withFeature("purpose", "yacht")]) {
      expect(read(event)).toMatchObject({ ok: true });
    }
  });
});

const DEEP = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as unknown;

describe("schema_violation", () => {
  const cases: readonly (readonly [what: string, event: unknown, error: RegExp])[] = [
    ["no object", [validEvent()], /^the event must be object$/],
    ["null", null, /^the event must be object$/],
    ["no id", { ...validEvent(), application_id: undefined }, /^application_id is required but missing$/],
    ["no time", { ...validEvent(), submitted_at: undefined }, /^submitted_at is required but missing$/],
    ["no features", { ...validEvent(), features: undefined }, /^features is required but missing$/],
    ["features null", { ...validEvent(), features: null }, /^features must be object$/],
    ["features a list", { ...validEvent(), features: [] }, /^features must be object$/],
    ["a numeric id", { ...validEvent(), application_id: 7 }, /^application_id must be string$/],
    ["an empty id", { ...validEvent(), application_id: "" }, /^application_id must be 1 to 64 letters/],
    ["a long id", { ...validEvent(), application_id: "x".repeat(65) }, /^application_id must be 1 to 64/],
    ["an id with a dot", { ...validEvent(), application_id: `${MARKER}.1` }, /^application_id must be/],
    ["an id with a newline", { ...validEvent(), application_id: "A-1\n" }, /^application_id must be/],
    ["an id with an umlaut", { ...validEvent(), application_id: "Ä-1" }, /^application_id must be/],
    ["supersedes a number", { ...validEvent(), supersedes: 1 }, /^supersedes must be string or null$/],
    ["supersedes empty", { ...validEvent(), supersedes: "" }, /^supersedes must be 1 to 64/],
    ["a required feature missing", without("amount"), /^features\.amount is required but missing$/],
    ["a required feature null", withFeature("amount", null), /^features\.amount must be number; it is required$/],
    ["a required category null", withFeature("purpose", null), /^features\.purpose must be string; it is required$/],
    ["a number as text", withFeature("amount", "7500"), /^features\.amount must be number; it is required$/],
    ["an optional number as text", withFeature("dti", "7500"), /^features\.dti must be number or null$/],
    ["a number as boolean", withFeature("dti", true), /^features\.dti must be number or null$/],
    ["a category as number", withFeature("purpose", 1), /^features\.purpose must be string; it is required$/],
    ["an optional category as boolean", withFeature("housing", false), /^features\.housing must be string or null$/],
    ["a list for a feature", withFeature("dti", [1]), /^features\.dti must be number or null$/],
    ["a list for an unnamed feature", withFeature(MARKER, []), /^features\.\(a field the model doesn't use\) must be/],
    ["an object for an unnamed feature", withFeature(`${MARKER}/~`, {}), /^features\.\(a field the model/],
    ["an unnamed feature without a name", withFeature("", {}), /^features\.\(a field the model/],
    ["protected a list", { ...validEvent(), protected: [] }, /^protected must be object or null$/],
    ["a list in protected", { ...validEvent(), protected: { [MARKER]: [] } }, /^protected\.\(a field the model/],
    ["NUL in a category", withFeature("purpose", "ca\0r"), /^a text in the event has NUL/],
    ["NUL in an unnamed feature", withFeature("x", "\0"), /^a text in the event has NUL/],
    ["NUL in a feature's name", withFeature("\0", 1), /^a field name in the event has NUL/],
    ["NUL in protected", { ...validEvent(), protected: { sex: "\0" } }, /^a text in the event has NUL/],
    ["NUL in an unknown field", { ...validEvent(), note: { deep: ["\0"] } }, /^a text in the event has NUL/],
    ["NUL in an unknown field's name", { ...validEvent(), "\0": 1 }, /^a field name in the event has NUL/],
    ["half a surrogate pair", withFeature("purpose", "\ud83d"), /half a surrogate pair/],
    ["the wrong half first", withFeature("x", "\ude00\ud83d"), /half a surrogate pair/],
    ["half a pair in a name", { ...validEvent(), protected: { "\udc00": 1 } }, /^a field name in the event/],
    ["half a pair in an unknown field", { ...validEvent(), note: "\ud800" }, /half a surrogate pair/],
    ["deep nesting in an unknown field", { ...validEvent(), note: DEEP(32) }, /nested more than 32 levels/],
    ["no RFC 3339 time", { ...validEvent(), submitted_at: `${MARKER}` }, /^submitted_at must be an RFC 3339 time/],
    ["the 30th of February", { ...validEvent(), submitted_at: "2026-02-30T12:00:00Z" }, /^submitted_at must be/],
  ];

  it.each(cases)("is said of %s, in one sentence without the value", (_, event, error) => {
    const answer = read(event);
    expect(answer).toMatchObject({ ok: false, reason: "schema_violation", error: expect.stringMatching(error) });
    expect(JSON.stringify(answer)).not.toContain(MARKER);
  });

  it("is not said of a whole surrogate pair, or of nesting that is deep enough for anybody", () => {
    expect(read(withFeature("x", "\ud83d\ude00"))).toMatchObject({ ok: true });
    expect(read({ ...validEvent(), note: DEEP(31) })).toMatchObject({ ok: true });
  });
});

describe("a number that is not finite", () => {
  const literals = ["1e400", "-1e400", "9".repeat(310), `${"9".repeat(220)}e99`, `${"9".repeat(305)}e9`, "1E+0000400"];

  it.each(literals)("is a schema violation wherever %s stands", (literal) => {
    const events = [
      withFeature("amount", "HERE"),
      withFeature("nickname", "HERE"),
      { ...validEvent(), protected: { age: "HERE" } },
      { ...validEvent(), note: "HERE" },
      { ...validEvent(), note: ["HERE"] },
    ];
    for (const text of events.map((event) => JSON.stringify(event).replace('"HERE"', literal))) {
      expect(readText(text), text).toMatchObject({ ok: false, reason: "schema_violation" });
    }
  });

  it("is not one that is only long", () => {
    const text = JSON.stringify(withFeature("amount", "HERE"));
    for (const literal of ["1e-400", "9".repeat(305), `0.${"0".repeat(400)}1`, "1e307", "123456789012345678901"]) {
      expect(readText(text.replace('"HERE"', literal)), literal).toMatchObject({ ok: true });
    }
  });
});

describe("two fields with one name", () => {
  const text = JSON.stringify({ ...validEvent(), note: 1 });
  const hidden = ["[".repeat(5_000) + "]".repeat(5_000), `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`, '"\\u0000"'];

  it("are the last one, and what the first one hides isn't stored", () => {
    for (const value of hidden) {
      const answer = readText(text.replace('"note"', `"note":${value},"note"`));
      expect(answer).toMatchObject({ ok: true, event: { note: 1 }, text });
    }
  });
});

describe("malformed_json", () => {
  const text = JSON.stringify(validEvent());
  const cases: readonly (readonly [string, Buffer])[] = [
    ["nothing", Buffer.alloc(0)],
    ["cut off", Buffer.from(text.slice(0, -1))],
    ["two events", Buffer.from(text + text)],
    ["a byte order mark", Buffer.from(`\ufeff${text}`)],
    ["a raw NUL", Buffer.from(text.replace("car", "\0"))],
    ["a raw line break in a text", Buffer.from(text.replace("car", "\n"))],
    ["NaN", Buffer.from(text.replace("0.5", "NaN"))],
    ["a bad byte", Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from(text.slice(-2))])],
    ["a surrogate as bytes", Buffer.from(text.replace("car", "\u00ed\u00a0\u0080"), "latin1")],
  ];

  it.each(cases)("is said of %s", (_, payload) => {
    expect(validator.readBytes(payload)).toMatchObject({ ok: false, reason: "malformed_json" });
  });
});

describe("oversized", () => {
  function eventOf(bytes: number): Buffer {
    const empty = Buffer.byteLength(JSON.stringify({ ...validEvent(), note: "" }));
    return Buffer.from(JSON.stringify({ ...validEvent(), note: "x".repeat(bytes - empty) }));
  }

  it("is a payload above 256 KiB, and not one of exactly 256 KiB", () => {
    expect(MAX_APPLICATION_BYTES).toBe(262_144);
    expect(validator.readBytes(eventOf(262_144))).toMatchObject({ ok: true });
    expect(validator.readBytes(eventOf(262_145))).toMatchObject({ ok: false, reason: "oversized" });
  });

  it("is said before anything is read", () => {
    expect(validator.readBytes(Buffer.alloc(300_000, 0xff))).toMatchObject({ ok: false, reason: "oversized" });
  });
});

describe("names that JavaScript objects have of their own", () => {
  it("are fields like any other", () => {
    const text = JSON.stringify(validEvent()).replace('"amount":10,', "");
    const inherited = text.replace('"features":{', '"features":{"__proto__":{"amount":10},');
    expect(readText(inherited)).toMatchObject({ ok: false, reason: "schema_violation" });
    const scalar = JSON.stringify(validEvent()).replace('"features":{', '"features":{"__proto__":1,"constructor":2,');
    expect(readText(scalar)).toMatchObject({ ok: true });
  });

  it("are not taken for fields that are there", () => {
    const [feature] = SMALL_MANIFEST.features;
    const { readBytes } = createValidator({ features: [{ ...feature!, name: "constructor" }] });
    const event = { ...validEvent(), features: {} };
    const answer = readBytes(Buffer.from(JSON.stringify(event)));
    expect(answer).toMatchObject({ ok: false, error: "features.constructor is required but missing" });
  });
});
