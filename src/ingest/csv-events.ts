import type { Manifest } from "../models/manifest.ts";
import { asBoolean, asNumber, asPlainNumber, cellReader, refuseMissing } from "./csv-columns.ts";
import type { ColumnRule, Mapping, Scalar } from "./csv-mapping.ts";

/** Makes the event of a row; `row` is its number under the header, from 1. What a row lacks, its event lacks. */
export type ConvertRow = (cells: readonly string[], row: number) => object;

const PROTECTED = "protected.";
const NOT_FEATURES = new Set(["", "application_id", "submitted_at", "supersedes"]);

/**
 * The conversion of a file's rows into application events, by the mapping or else by the columns' names.
 * @param where names the file in errors.
 * @throws OperatorError when the file lacks a column that the mapping, the event or the model needs.
 */
export function applicationRows(
  header: readonly string[],
  { features }: Pick<Manifest, "features">,
  mapping: Mapping | undefined,
  where: string,
): ConvertRow {
  const rules = mapping ?? applicationByName(header);
  const { constants = {} } = rules;
  const read = (rule: ColumnRule | undefined) => (rule === undefined ? undefined : cellReader(rule, header, where));
  const readId = idReader(rules, header, where);
  const readTime = read(rules.submitted_at) ?? (() => constants.submitted_at);
  const readSuperseded = read(rules.supersedes) ?? (() => undefined);
  const numeric = new Set(features.filter(({ type }) => type === "numeric").map(({ name }) => name));
  const featureReaders = memberReaders(rules.features, header, where, (name) =>
    numeric.has(name) ? asNumber : undefined,
  );
  // What cells stand for is said as it is meant; and a column of such cells is no column of numbers.
  const protectedReaders = memberReaders(rules.protected, header, where, (_, rule) =>
    typeof rule === "object" && rule.values ? undefined : asPlainNumber,
  );

  const given = new Set([...Object.keys(rules.features ?? {}), ...Object.keys(constants.features ?? {})]);
  const missing = features.filter(({ name, required }) => required && !given.has(name)).map(({ name }) => name);
  if (rules.submitted_at === undefined && constants.submitted_at === undefined) missing.unshift("submitted_at");
  if (rules.application_id === undefined) missing.unshift("application_id");
  refuseMissing(missing, header, mapping, where);

  return (cells, row) => {
    const attributes = { ...constants.protected, ...members(protectedReaders, cells) };
    return {
      application_id: readId(cells, row),
      submitted_at: readTime(cells),
      features: { ...constants.features, ...members(featureReaders, cells) },
      ...(Object.keys(attributes).length > 0 && { protected: attributes }),
      supersedes: readSuperseded(cells),
    };
  };
}

/** The same for outcome events. */
export function outcomeRows(header: readonly string[], mapping: Mapping | undefined, where: string): ConvertRow {
  const rules: Mapping = mapping ?? byName(header, ["application_id", "observed_at", "defaulted"]);
  const observedAt = rules.constants?.observed_at;
  const readId = idReader(rules, header, where);
  const readTime = rules.observed_at ? cellReader(rules.observed_at, header, where) : () => observedAt;
  const readDefaulted = rules.defaulted ? cellReader(rules.defaulted, header, where) : () => undefined;
  const missing: string[] = [];
  if (rules.application_id === undefined) missing.push("application_id");
  if (rules.observed_at === undefined && observedAt === undefined) missing.push("observed_at");
  if (rules.defaulted === undefined) missing.push("defaulted");
  refuseMissing(missing, header, mapping, where);
  return (cells, row) => ({
    application_id: readId(cells, row),
    observed_at: readTime(cells),
    defaulted: asBoolean(readDefaulted(cells)),
  });
}

function applicationByName(header: readonly string[]): Mapping {
  const attributes = header.filter((name) => name.startsWith(PROTECTED));
  const features = header.filter((name) => !NOT_FEATURES.has(name) && !name.startsWith(PROTECTED));
  return {
    ...byName(header, ["application_id", "submitted_at", "supersedes"]),
    features: Object.fromEntries(features.map((name) => [name, name])),
    protected: Object.fromEntries(attributes.map((name) => [name.slice(PROTECTED.length), name])),
  };
}

function byName(header: readonly string[], fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.filter((name) => header.includes(name)).map((name) => [name, name]));
}

function idReader({ application_id: rule }: Mapping, header: readonly string[], where: string) {
  if (rule === undefined) return () => undefined;
  if (typeof rule === "object" && "prefix" in rule)
    return (_: readonly string[], row: number) => `${rule.prefix}${row}`;
  return cellReader(rule, header, where);
}

type Conversion = (value: Scalar | undefined) => Scalar | undefined;
type MemberReader = { readonly name: string; readonly read: (cells: readonly string[]) => Scalar | undefined };

function memberReaders(
  rules: Readonly<Record<string, ColumnRule>> | undefined,
  header: readonly string[],
  where: string,
  conversionOf: (name: string, rule: ColumnRule) => Conversion | undefined,
): MemberReader[] {
  return Object.entries(rules ?? {}).map(([name, rule]) => {
    const read = cellReader(rule, header, where);
    const convert = conversionOf(name, rule);
    return { name, read: convert ? (cells) => convert(read(cells)) : read };
  });
}

function members(readers: readonly MemberReader[], cells: readonly string[]): Record<string, Scalar> {
  const found: Record<string, Scalar> = {};
  for (const { name, read } of readers) {
    const value = read(cells);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
