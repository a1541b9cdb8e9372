import { isIP } from "node:net";
import { UsageError } from "./errors.ts";

/** One environment variable: what it is for, how it is written, and what it is when unset. */
export type Variable<T> = {
  readonly parse: (text: string) => T | undefined;
  /** The sentence's end after "must be". */
  readonly mustBe: string;
  readonly fallback: T;
  /** As it would be written; undefined when the default is "not set". */
  readonly fallbackText: string | undefined;
  readonly help: string;
};

export type Values<Table> = { readonly [Name in keyof Table]: Table[Name] extends Variable<infer T> ? T : never };

/**
 * Reads a table of variables; an empty value counts as unset. `disagreements` says which values don't go together.
 * @throws UsageError that reports all faults together.
 */
export function readVariables<Table extends Record<string, Variable<unknown>>>(
  table: Table,
  source: Readonly<Record<string, string | undefined>>,
  disagreements: (values: Values<Table>) => readonly string[] = () => [],
): Values<Table> {
  const faults: string[] = [];
  const entries = Object.entries(table).map(([name, variable]) => {
    const text = source[name]?.trim();
    if (text === undefined || text === "") return [name, variable.fallback];
    const value = variable.parse(text);
    // Not the value itself: it may be a password.
    if (value === undefined) faults.push(`${name} must be ${variable.mustBe}`);
    return [name, value];
  });
  const values = Object.freeze(Object.fromEntries(entries)) as Values<Table>;
  if (faults.length === 0) faults.push(...disagreements(values));
  if (faults.length > 0) throw new UsageError(`the environment is not right: ${faults.join("; ")}`);
  return values;
}

export function text(help: string): Variable<string | undefined> {
  return { parse: (value) => value, mustBe: "a text", fallback: undefined, fallbackText: undefined, help };
}

export function textOr(fallback: string, help: string): Variable<string> {
  return { parse: (value) => value, mustBe: "a text", fallback, fallbackText: fallback, help };
}

export function url(protocols: readonly string[], help: string): Variable<string | undefined> {
  const starts = protocols.map((protocol) => `${protocol}://`);
  const parse = (value: string) =>
    URL.canParse(value) && starts.some((start) => value.startsWith(start)) ? value : undefined;
  return {
    parse,
    mustBe: `a URL that starts with ${starts.join(" or ")}`,
    fallback: undefined,
    fallbackText: undefined,
    help,
  };
}

/** Several, comma-separated. */
export function urls(protocols: readonly string[], help: string): Variable<string | undefined> {
  const one = url(protocols, help);
  return { ...one, parse: (value) => (value.split(",").every(one.parse) ? value : undefined) };
}

/** A text that nobody may guess, of at least so many characters. */
export function secret(least: number, help: string): Variable<string | undefined> {
  const parse = (value: string) => (value.length >= least ? value : undefined);
  return { ...text(help), parse, mustBe: `at least ${least} characters` };
}

/** Origins of web pages, comma-separated. */
export function origins(help: string): Variable<readonly string[]> {
  const isOrigin = (value: string) =>
    /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value.toLowerCase();
  const parse = (value: string) => {
    const listed = value.split(",").map((origin) => origin.trim());
    return listed.every(isOrigin) ? listed.map((origin) => origin.toLowerCase()) : undefined;
  };
  const mustBe = "origins such as https://console.example.com, comma-separated, without a path";
  return { parse, mustBe, fallback: [], fallbackText: undefined, help };
}

/** Addresses of machines and of networks (10.0.0.0/8), comma-separated. */
export function networks(help: string): Variable<readonly string[]> {
  const isNetwork = (value: string) => {
    const [, address = "", bits = ""] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
    const version = isIP(address);
    return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128) && bits !== "0";
  };
  const parse = (value: string) => {
    const listed = value.split(",").map((one) => one.trim());
    return listed.every(isNetwork) ? listed : undefined;
  };
  const mustBe = "addresses or networks such as 10.0.0.7 or 10.0.0.0/8, comma-separated";
  return { parse, mustBe, fallback: [], fallbackText: undefined, help };
}

export function oneOf<const T extends string>(choices: readonly T[], fallback: NoInfer<T>, help: string): Variable<T> {
  const parse = (value: string) => choices.find((choice) => choice === value);
  return { parse, mustBe: `one of ${choices.join(", ")}`, fallback, fallbackText: fallback, help };
}

export function integer(range: readonly [number, number], fallback: number, help: string): Variable<number> {
  const [least, most] = range;
  const parse = (value: string) => {
    const number = Number(value);
    return /^\d+$/.test(value) && number >= least && number <= most ? number : undefined;
  };
  return { parse, mustBe: `a whole number from ${least} to ${most}`, fallback, fallbackText: String(fallback), help };
}

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** A duration in milliseconds, written like 500ms, 30s, 2m, 48h, 30d. */
export function duration(fallbackText: string, help: string): Variable<number> {
  return quantity(MS, "a duration such as 500ms, 30s, 2m, 48h or 30d", fallbackText, help);
}

/** How long something is kept, in milliseconds: a duration, of at least `least` when that is given, or `forever` (Infinity). */
export function keeping(fallbackText: string, help: string, least?: string): Variable<number> {
  const time = quantity(MS, "", "1d", help);
  const leastMs = least === undefined ? 0 : time.parse(least)!;
  const parse = (value: string) => {
    const ms = value === "forever" ? Number.POSITIVE_INFINITY : time.parse(value);
    return ms !== undefined && ms >= leastMs ? ms : undefined;
  };
  const mustBe = `forever or a duration such as 90d${least === undefined ? "" : `, at least ${least}`}`;
  return { parse, mustBe, fallback: parse(fallbackText)!, fallbackText, help };
}

/** A day or an instant as milliseconds since 1970, written like 2026-01-01 or 2026-01-01T06:00:00Z. */
export function instant(fallbackText: string, help: string): Variable<number> {
  const parse = (value: string) => {
    const time = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  };
  return {
    parse,
    mustBe: "a day or a time with offset such as 2026-01-01 or 2026-01-01T06:00:00Z",
    fallback: Date.parse(fallbackText),
    fallbackText,
    help,
  };
}

/** A size in bytes, written like 512MiB, 4GiB. */
export function size(fallbackText: string, help: string): Variable<number> {
  return quantity(BYTES, "a size such as 512MiB or 4GiB", fallbackText, help);
}

function quantity(
  units: Readonly<Record<string, number>>,
  mustBe: string,
  fallbackText: string,
  help: string,
): Variable<number> {
  const parse = (value: string) => {
    const [, digits = "", unit = ""] = /^(\d+)([A-Za-z]+)$/.exec(value) ?? [];
    const factor = Object.hasOwn(units, unit) ? units[unit]! : Number.NaN;
    const amount = Number(digits) * factor;
    return amount > 0 && Number.isSafeInteger(amount) ? amount : undefined;
  };
  return { parse, mustBe, fallback: parse(fallbackText)!, fallbackText, help };
}
