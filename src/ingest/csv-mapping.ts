import { Ajv, type ErrorObject } from "ajv";
import { messageOf, OperatorError } from "../platform/errors.ts";
import { OWN_SCHEMA } from "../platform/own-schema.ts";

export type Scalar = string | number | boolean | null;

/** A column by its name; or also what its cells stand for, where a cell that isn't listed stands for itself. */
export type ColumnRule = string | { readonly column: string; readonly values?: Readonly<Record<string, Scalar>> };

/** How the rows of a CSV file become events: the event's fields, and the column that each is read from. */
export type Mapping = {
  /** With a prefix alone, the id is the row's number behind it: `{"prefix": "TW-"}` makes TW-1, TW-2 … */
  readonly application_id?: ColumnRule | { readonly prefix: string };
  readonly submitted_at?: ColumnRule;
  readonly supersedes?: ColumnRule;
  readonly features?: Readonly<Record<string, ColumnRule>>;
  readonly protected?: Readonly<Record<string, ColumnRule>>;
  /** Of outcomes. */
  readonly observed_at?: ColumnRule;
  readonly defaulted?: ColumnRule;
  /** What is the same in every row. */
  readonly constants?: Constants;
};

type Constants = {
  readonly submitted_at?: string;
  readonly observed_at?: string;
  readonly features?: Readonly<Record<string, Scalar>>;
  readonly protected?: Readonly<Record<string, Scalar>>;
};

const SCALAR = { type: ["string", "number", "boolean", "null"] };
const SCALARS = { type: "object", additionalProperties: SCALAR };
const COLUMN = {
  type: ["string", "object"],
  minLength: 1,
  required: ["column"],
  additionalProperties: false,
  properties: { column: { type: "string", minLength: 1 }, values: SCALARS },
};
const COLUMNS = { type: "object", additionalProperties: COLUMN };
const SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    application_id: {
      if: { type: "object", required: ["prefix"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        type: "object",
        additionalProperties: false,
        properties: { prefix: { type: "string", pattern: "^[A-Za-z0-9_-]{1,48}$" } },
      },
      else: COLUMN,
    },
    submitted_at: COLUMN,
    supersedes: COLUMN,
    features: COLUMNS,
    protected: COLUMNS,
    observed_at: COLUMN,
    defaulted: COLUMN,
    constants: {
      type: "object",
      additionalProperties: false,
      properties: {
        submitted_at: { type: "string" },
        observed_at: { type: "string" },
        features: SCALARS,
        protected: SCALARS,
      },
    },
  },
};

const isMapping = new Ajv({
  ...OWN_SCHEMA,
  allErrors: true,
  allowUnionTypes: true,
  strictRequired: false,
  strictTypes: false,
}).compile<Mapping>(SCHEMA);

/**
 * Reads a mapping file.
 * @param where names the file in errors.
 * @throws OperatorError that lists every fault.
 */
export function parseMapping(text: string, where: string): Mapping {
  let mapping: unknown;
  try {
    mapping = JSON.parse(text);
  } catch (error) {
    throw new OperatorError(`${where} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (isMapping(mapping)) return mapping;
  const faults = new Set((isMapping.errors ?? []).filter(({ keyword }) => keyword !== "if").map(describe));
  throw new OperatorError(`${where} is not a mapping: ${[...faults].join("; ")}. \`publish --help\` shows one.`);
}

function describe({ keyword, instancePath, params, message }: ErrorObject): string {
  const place = instancePath.slice(1).replaceAll("/", ".") || "the file";
  if (keyword === "additionalProperties") return `${place} has an unknown field ${params.additionalProperty}`;
  if (keyword === "pattern") return `${place} must be 1 to 48 letters, digits, "_" or "-"`;
  if (keyword !== "type") return `${place} ${message}`;
  if (params.type === COLUMN.type) return `${place} must be the name of a column, or {"column": name, "values": {…}}`;
  return `${place} must be ${params.type === SCALAR.type ? "a text, a number, true, false or null" : params.type}`;
}
