import { OperatorError } from "../platform/errors.ts";
import type { ColumnRule, Mapping, Scalar } from "./csv-mapping.ts";

/** Reads one value out of a row; undefined when the cell is empty. */
export type ReadCell = (cells: readonly string[]) => Exclude<Scalar, null> | undefined;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** A leading zero says that it is a code, such as a postcode. */
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/**
 * The reader of a column.
 * @throws OperatorError when the header doesn't have the column.
 */
export function cellReader(rule: ColumnRule, header: readonly string[], where: string): ReadCell {
  const { column, values = {} } = typeof rule === "string" ? { column: rule } : rule;
  const index = header.indexOf(column);
  if (index === -1)
    throw new OperatorError(`${where} has no column ${quoted(column)}. Its columns are ${list(header)}.`);
  return (cells) => {
    const cell = cells[index]!.trim();
    const value = Object.hasOwn(values, cell) ? values[cell]! : cell;
    return value === "" || value === null ? undefined : value;
  };
}

/** The number that a value is written as; any other value stays what it is, and is the validator's to complain of. */
export function asNumber(value: Scalar | undefined): Scalar | undefined {
  return typeof value === "string" && NUMBER.test(value) && Number.isFinite(Number(value)) ? Number(value) : value;
}

/** Likewise where no manifest says that it is a number. */
export function asPlainNumber(value: Scalar | undefined): Scalar | undefined {
  return typeof value === "string" && PLAIN_NUMBER.test(value) ? Number(value) : value;
}

const BOOLEANS = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

/** The boolean that true, false, 1 or 0 stands for, likewise. */
export function asBoolean(value: Scalar | undefined): Scalar | undefined {
  return BOOLEANS.get(String(value).toLowerCase()) ?? value;
}

/** The columns of a file by the first row that isn't blank. @throws OperatorError when two have the same name. */
export function columnsOf(cells: readonly string[], where: string): string[] {
  const header = cells.map((cell) => cell.trim());
  const twice = header.find((name, index) => name !== "" && header.indexOf(name) !== index);
  if (twice !== undefined) throw new OperatorError(`${where} has two columns ${quoted(twice)}; rename one of them.`);
  return header;
}

/** @throws OperatorError that says which of the fields have no column, and how to give them one. */
export function refuseMissing(
  missing: readonly string[],
  header: readonly string[],
  mapping: Mapping | undefined,
  where: string,
): void {
  if (missing.length === 0) return;
  const fields = missing.join(", ");
  throw new OperatorError(
    mapping === undefined
      ? `${where} has no column for ${fields}. Its columns are ${list(header)}. Say with --map which column is which (\`publish --help\`).`
      : `the mapping gives neither a column nor a constant for ${fields}.`,
  );
}

function list(names: readonly string[]): string {
  return names.map(quoted).join(", ");
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
