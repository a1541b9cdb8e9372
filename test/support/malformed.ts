import { makeApplication, type TestApplication } from "./applications.ts";
import { type Random, randomFrom } from "./seed.ts";

/** An event that must become a dead letter. */
export type Malformed = {
  readonly name: string;
  readonly payload: Uint8Array;
  readonly channel?: string;
  readonly reason: "malformed_json" | "schema_violation" | "oversized" | "invalid_subject";
};

/** Stands wherever a bad event can hold text of its sender's; no error may repeat it. */
export const SECRET = "S3CR3T-of-the-applicant";

const DEEP = 100_000;
const deep = `${"[".repeat(DEEP)}${"]".repeat(DEEP)}`;

/** Texts put in the place of PLACE. The parser reads them; the database, or a computation, could not. */
const UNSTORABLE = {
  "1e400": "1e400",
  "-1e400": "-1e400",
  "400 digits": "9".repeat(400),
  "299 digits and e99": `1${"0".repeat(298)}e99`,
  NUL: `"a\\u0000${SECRET}"`,
  "half a surrogate pair": `"${SECRET}\\ud800"`,
  "the other half": `"\\udc00${SECRET}"`,
};
const PLACE = '"PLACE"';

/** One of each kind that the contract names, ids from the prefix. */
export function malformedEvents(prefix: string): Malformed[] {
  const random = randomFrom(1);
  const events: Malformed[] = [];
  let last = 0;
  const valid = () => makeApplication(`${prefix}-${last++}`, random);
  const add = (name: string, reason: Malformed["reason"], payload: string | Uint8Array, channel?: string) =>
    events.push({ name, reason, payload: Buffer.from(payload), ...(channel !== undefined && { channel }) });
  const violation = (name: string, change: (event: TestApplication) => unknown, text = PLACE) =>
    add(name, "schema_violation", JSON.stringify(change(valid())).replaceAll(PLACE, text));
  const withFeature = (name: string, value: unknown) => (event: TestApplication) => ({
    ...event,
    features: { ...event.features, [name]: value },
  });
  const without = (name: string) => (event: TestApplication) => ({ ...event, [name]: undefined });
  const withField = (name: string, value: unknown) => (event: TestApplication) => ({ ...event, [name]: value });

  for (const [name, bytes] of notJson(JSON.stringify(valid()), random)) add(name, "malformed_json", bytes);

  for (const text of ["[]", "null", `"${SECRET}"`, "7", "{}"]) add(`just ${text}`, "schema_violation", text);
  for (const name of ["application_id", "submitted_at", "features"]) violation(`no ${name}`, without(name));
  for (const id of ["", "a b", "a".repeat(65), "ünique", "a.b", 7, null]) {
    violation(`application_id ${id}`, withField("application_id", id));
  }
  for (const time of ["yesterday", "2026-02-30T00:00:00Z", "2026-01-31T12:00:00", "2026-01-31", 1_767_225_600]) {
    violation(`submitted_at ${time}`, withField("submitted_at", time));
  }
  for (const [name, value] of [
    ...[
      ["loan_amount", "7500"],
      ["loan_amount", null],
      ["loan_amount", undefined],
      ["term_months", true],
    ],
    ...[
      ["purpose", 3],
      ["purpose", null],
      ["dti", SECRET],
      ["home_ownership", 1],
    ],
    ...[
      ["dti", []],
      ["dti", { nested: SECRET }],
      ["unheard_of", [1]],
      ["unheard_of", {}],
    ],
  ] as [string, unknown][]) {
    violation(`feature ${name} ${JSON.stringify(value)}`, withFeature(name, value));
  }
  for (const [name, value] of [
    ...[
      ["features", []],
      ["features", null],
      ["features", SECRET],
    ],
    ...[
      ["protected", []],
      ["protected", SECRET],
      ["protected", { sex: [SECRET] }],
    ],
    ...[
      ["supersedes", 7],
      ["supersedes", "a b"],
      ["supersedes", {}],
    ],
  ] as [string, unknown][]) {
    violation(`${name} ${JSON.stringify(value)}`, withField(name, value));
  }
  for (const [what, text] of Object.entries(UNSTORABLE)) {
    violation(`${what} in a feature of the model`, withFeature("dti", "PLACE"), text);
    violation(`${what} in another feature`, withFeature("unheard_of", "PLACE"), text);
    violation(`${what} in protected`, withField("protected", { age: "PLACE" }), text);
    violation(`${what} in an unknown field`, withField("unheard_of", "PLACE"), text);
    violation(`${what} deep in an unknown field`, withField("unheard_of", [{ a: ["PLACE"] }]), text);
  }
  for (const key of ["\\u0000", "\\ud800"]) {
    violation(`${key} in the name of a feature`, withFeature("PLACE", 1), `"${SECRET}${key}"`);
    violation(`${key} in the name of a field`, withField("PLACE", 1), `"${SECRET}${key}"`);
  }
  violation(`${DEEP} levels in a feature`, withFeature("dti", "PLACE"), deep);
  violation(`${DEEP} levels in an unknown field`, withField("unheard_of", "PLACE"), deep);

  const long = JSON.stringify({ ...valid(), note: SECRET.repeat(15_000) });
  add("300 kB", "oversized", long);
  add("300 kB cut off", "oversized", long.slice(0, -1));
  for (const channel of ["A.b", "UPPER", "a.b", "a".repeat(33), "ümlaut", "a!b"]) {
    add(`the channel ${channel}`, "invalid_subject", JSON.stringify(valid()), channel);
  }
  return events;
}

function notJson(text: string, random: Random): [string, string | Uint8Array][] {
  const middle = 1 + random.below(text.length - 2);
  const bytes = Buffer.from(text.replace("{", `{"note":"${SECRET}",`));
  return [
    ["nothing", ""],
    ["cut off", text.slice(0, middle)],
    ["cut off at the end", text.slice(0, -1)],
    ["something behind", `${text}${SECRET}`],
    ["two events", `${text}\n${text}`],
    ["NaN", text.replace(/"dti":[\d.]+/, '"dti":NaN')],
    ["Infinity", text.replace(/"dti":[\d.]+/, '"dti":-Infinity')],
    ["a comma too many", `${text.slice(0, -1)},}`],
    ["a line break in a text", text.replace('"application_id":"', '"application_id":"\n')],
    ["a raw NUL", text.replace('"application_id":"', '"application_id":"\0')],
    ["a byte order mark", `\ufeff${text}`],
    ["bytes that are not UTF-8", Buffer.concat([bytes.subarray(0, 12), Buffer.of(0xff), bytes.subarray(12)])],
    [
      "half a surrogate pair in UTF-8",
      Buffer.concat([bytes.subarray(0, 12), Buffer.of(0xed, 0xa0, 0x80), bytes.subarray(12)]),
    ],
    ["UTF-16", Buffer.from(text, "utf16le")],
  ];
}
