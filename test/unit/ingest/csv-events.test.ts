import { describe, expect, it } from "vitest";
import { columnsOf } from "../../../src/ingest/csv-columns.ts";
import { applicationRows, outcomeRows } from "../../../src/ingest/csv-events.ts";
import { parseMapping } from "../../../src/ingest/csv-mapping.ts";
import type { Manifest } from "../../../src/models/manifest.ts";
import { OperatorError } from "../../../src/platform/errors.ts";

const reason = { code: "R", text: "r" };
const MODEL: Pick<Manifest, "features"> = {
  features: [
    { name: "amount", type: "numeric", required: true, min: 0, max: 1e6, reason },
    { name: "income", type: "numeric", required: false, min: 0, max: 1e6, reason },
    { name: "purpose", type: "categorical", required: true, categories: ["car", "7"], reason },
  ],
};
const MAPPING = {
  application_id: "ID",
  submitted_at: "DATE",
  features: { amount: "LIMIT", purpose: { column: "WHY", values: { "1": "car", NA: null } } },
  protected: { sex: { column: "SEX", values: { "1": "male", "2": "female" } }, age: "AGE" },
};

/** The event as it is published. */
function event(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function mapping(value: object) {
  return parseMapping(JSON.stringify(value), "map.json");
}

describe("columns by name", () => {
  const header = [
    "application_id",
    "submitted_at",
    "supersedes",
    "amount",
    "income",
    "purpose",
    "note",
    "",
    "protected.age",
    "protected.zip",
  ];
  const convert = applicationRows(header, MODEL, undefined, "a.csv");

  it("converts as the model's types say, and leaves what is empty out", () => {
    const row = ["A-1", "2026-01-31T12:00:00Z", "", " 7500 ", "", "7", "12", "ignored", "34", "01234"];
    expect(event(convert(row, 1))).toEqual({
      application_id: "A-1",
      submitted_at: "2026-01-31T12:00:00Z",
      features: { amount: 7500, purpose: "7", note: "12" },
      protected: { age: 34, zip: "01234" },
    });
  });

  it("leaves what is no number to the validator", () => {
    const amounts = ["1e3", "-.5", "+7", "7,500", "$7", "0x10", "Infinity", "NaN", "1e999", "12 "];
    const converted = amounts.map((amount) => {
      const { features } = convert(["A", "T", "", amount, "", "", "", "", "", ""], 1) as {
        features: { amount: unknown };
      };
      return features.amount;
    });
    expect(converted).toEqual([1000, -0.5, 7, "7,500", "$7", "0x10", "Infinity", "NaN", "1e999", 12]);
  });

  it("has no `protected` when all of it is empty, and no id when that is empty", () => {
    const converted = event(convert(["", "T", "A-0", "1", "", "car", "", "", "", ""], 1));
    expect(converted).toEqual({ submitted_at: "T", supersedes: "A-0", features: { amount: 1, purpose: "car" } });
  });

  it("refuses a file without the columns that every row would lack", () => {
    expect(() => applicationRows(["amount", "purpose"], MODEL, undefined, "a.csv")).toThrow(
      new OperatorError(
        'a.csv has no column for application_id, submitted_at. Its columns are "amount", "purpose". Say with --map which column is which (`publish --help`).',
      ),
    );
    expect(() => applicationRows(["application_id", "submitted_at", "amount"], MODEL, undefined, "a.csv")).toThrow(
      "a.csv has no column for purpose.",
    );
  });
});

describe("a mapping", () => {
  const header = ["ID", "DATE", "LIMIT", "WHY", "SEX", "AGE", "BAD"];

  it("names the columns, what their cells stand for, and constants", () => {
    const convert = applicationRows(
      header,
      MODEL,
      mapping({ ...MAPPING, constants: { features: { income: 5 } } }),
      "a.csv",
    );
    expect(event(convert(["A", "T", "70", "1", "2", "40", "1"], 1))).toEqual({
      application_id: "A",
      submitted_at: "T",
      features: { income: 5, amount: 70, purpose: "car" },
      protected: { sex: "female", age: 40 },
    });
    expect(event(convert(["A", "T", "70", "NA", "3", "", "1"], 2))).toMatchObject({
      features: { income: 5, amount: 70 },
      protected: { sex: "3" },
    });
  });

  it("numbers rows behind a prefix, and serves outcomes as well", () => {
    const both = mapping({
      ...MAPPING,
      application_id: { prefix: "TW-" },
      defaulted: { column: "BAD", values: { yes: true } },
      constants: { observed_at: "O" },
    });
    const row = ["A", "T", "70", "1", "2", "40", "1"];
    expect(applicationRows(header, MODEL, both, "a.csv")(row, 12)).toMatchObject({ application_id: "TW-12" });
    expect(outcomeRows(header, both, "a.csv")(row, 12)).toEqual({
      application_id: "TW-12",
      observed_at: "O",
      defaulted: true,
    });
  });

  it("is refused when it leaves out what every event needs, or names a column that isn't there", () => {
    const { submitted_at: _, ...timeless } = MAPPING;
    expect(() => applicationRows(header, MODEL, mapping(timeless), "a.csv")).toThrow(
      new OperatorError("the mapping gives neither a column nor a constant for submitted_at."),
    );
    expect(() =>
      applicationRows(header, MODEL, mapping({ ...MAPPING, features: { amount: "LIMIT" } }), "a.csv"),
    ).toThrow("the mapping gives neither a column nor a constant for purpose.");
    expect(() => applicationRows(["ID"], MODEL, mapping(MAPPING), "a.csv")).toThrow('a.csv has no column "DATE"');
    expect(() => outcomeRows(header, mapping(MAPPING), "a.csv")).toThrow("for observed_at, defaulted");
  });

  it("has every fault of its file reported", () => {
    const faulty = {
      application_id: { prefix: "T W" },
      features: { a: 7 },
      extra: 1,
      constants: { features: { x: [] } },
    };
    expect(() => mapping(faulty)).toThrow(
      new OperatorError(
        'map.json is not a mapping: the file has an unknown field extra; application_id.prefix must be 1 to 48 letters, digits, "_" or "-"; features.a must be the name of a column, or {"column": name, "values": {…}}; constants.features.x must be a text, a number, true, false or null. `publish --help` shows one.',
      ),
    );
    expect(() => parseMapping("{", "map.json")).toThrow(/^map\.json is not JSON: /);
  });
});

it("converts outcomes", () => {
  const convert = outcomeRows(["application_id", "observed_at", "defaulted", "more"], undefined, "o.csv");
  const defaulted = ["true", "FALSE", "1", "0", "yes", ""].map(
    (text) => (convert(["A", "T", text, ""], 1) as { defaulted: unknown }).defaulted,
  );
  expect(defaulted).toEqual([true, false, true, false, "yes", undefined]);
  expect(() => outcomeRows(["application_id"], undefined, "o.csv")).toThrow(
    "o.csv has no column for observed_at, defaulted.",
  );
});

it("reads a header, and refuses one name for two columns", () => {
  expect(columnsOf([" a ", "", "b", ""], "a.csv")).toEqual(["a", "", "b", ""]);
  expect(() => columnsOf(["a", "b", "a"], "a.csv")).toThrow('a.csv has two columns "a"; rename one of them.');
});
