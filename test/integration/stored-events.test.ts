import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Manifest } from "../../src/models/manifest.ts";
import { createValidator } from "../../src/models/validate.ts";
import { textArray } from "../../src/platform/binary-array.ts";
import { databaseOfFile } from "../support/test-database.ts";
import { fieldName } from "../unit/models/field-name.ts";

const FEATURES: Manifest["features"] = [
  { name: "amount", type: "numeric", required: true, min: 0, max: 9, reason: { code: "A", text: "Amount" } },
];
const validator = createValidator({ features: FEATURES });
const database = databaseOfFile();

const digits = (most: number) =>
  fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 99_999 }).map(String), weight: 4 },
    { arbitrary: fc.integer({ min: 1, max: most }).map((length) => "9".repeat(length)), weight: 1 },
  );
/** Numbers as a sender may write them. */
const numberText = fc
  .record({
    sign: fc.constantFrom("", "-"),
    whole: fc.oneof(fc.constant("0"), digits(400)),
    fraction: fc.oneof(
      fc.constant(""),
      digits(400).map((text) => `.${text}`),
      fc.constant(`.${"0".repeat(20_000)}1`),
    ),
    exponent: fc.oneof(
      { arbitrary: fc.constant(""), weight: 3 },
      { arbitrary: fc.integer({ min: -400_000, max: 400_000 }).map((power) => `E${power}`), weight: 1 },
      { arbitrary: fc.integer({ min: -330, max: 330 }).map((power) => `e${power < 0 ? "" : "+"}${power}`), weight: 2 },
    ),
  })
  .map(({ sign, whole, fraction, exponent }) => sign + whole + fraction + exponent);

const ESCAPES = ["\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u00e9", "\\n", '\\"', "\\/", "\\ufffe"];
/** Texts as a sender may write them; `more` are further escapes. */
function stringText(more: readonly string[] = []): fc.Arbitrary<string> {
  const written = fieldName("binary").map((text) => JSON.stringify(text).slice(1, -1));
  const parts = fc.array(fc.oneof(fc.constantFrom(...ESCAPES, ...more), written), { maxLength: 4 });
  return parts.map((all) => `"${all.join("")}"`);
}
const scalarText = fc.oneof(
  { arbitrary: numberText, weight: 3 },
  { arbitrary: stringText(["\\\\"]), weight: 2 },
  fc.constantFrom("true", "false", "null"),
);
const nameText = fc.oneof(fc.constantFrom('"amount"', '"a"', '"__proto__"', '""'), stringText());
/** `"name":value,` again and again, names repeated. */
const fields = (value: fc.Arbitrary<string>, most = 4) =>
  fc
    .array(fc.tuple(nameText, value), { maxLength: most })
    .map((all) => all.map(([name, of]) => `${name}:${of},`).join(""));
const deepText = fc
  .tuple(fc.constantFrom("[]", '{"a":}'), fc.constantFrom(1, 3, 31, 32, 33, 200, 8_000))
  .map(([brackets, levels]) => `${brackets.slice(0, -1).repeat(levels)}1${brackets.slice(-1).repeat(levels)}`);
const anyText = fc.oneof({ arbitrary: scalarText, weight: 3 }, deepText);

const SPACE = " \t\r\n";
const eventText = fc
  .record({
    features: fields(scalarText),
    shielded: fields(scalarText),
    unknown: fields(anyText, 2),
    hidden: fc.oneof(
      fc.constant(""),
      deepText.map((text) => `"features":${text},"x":${text},"x":1,`),
    ),
  })
  .map(
    ({ features, shielded, unknown, hidden }) =>
      `{${hidden}"application_id":"A",${unknown}"submitted_at":"2026-01-31T12:00:00Z",${SPACE}` +
      `"protected":{${shielded}"sex":1},"features":{${features}"amount":5}}${SPACE}`,
  );

/** jsonb has an order of its own. */
function sorted(of: object): [string, unknown][] {
  return Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("the text of a valid application", () => {
  it("is JSON to PostgreSQL, with the very features that were scored, whatever numbers and escapes it had", async () => {
    let valid = 0;
    await fc.assert(
      fc.asyncProperty(eventText, async (text) => {
        const answer = validator.readBytes(Buffer.from(text));
        if (!answer.ok) {
          expect(answer.reason).toBe("schema_violation");
          return;
        }
        valid++;
        const { rows } = await database().query<{ features: object; everything: string }>({
          text: `select (event -> 'features')::jsonb as features, event::text as everything
                 from (select json::json as event from unnest($1::text[]) as json) as stored`,
          values: [textArray([answer.text])],
        });
        // Written again, because a negative zero is stored as zero.
        expect(JSON.stringify(sorted(rows[0]!.features))).toBe(JSON.stringify(sorted(answer.event.features)));
        expect(JSON.stringify(JSON.parse(rows[0]!.everything))).toBe(JSON.stringify(answer.event));
      }),
      { numRuns: 1_000 },
    );
    expect(valid).toBeGreaterThan(100);
  });
});
