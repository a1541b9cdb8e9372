/**
 * What Grafana Faro's browser SDK posts: `{meta, exceptions?, logs?, measurements?, events?, traces?}`. Anybody may post
 * here, so everything is read as if it were made up.
 */

type WebVital = { readonly name: "fcp" | "inp" | "lcp" | "ttfb"; readonly seconds: number };

/** What is taken of a payload. */
export type Telemetry = {
  readonly vitals: readonly WebVital[];
  /** Cumulative layout shifts, without a unit. */
  readonly layoutShifts: readonly number[];
  /** The kind of each. */
  readonly exceptions: readonly string[];
  /** Where on the page it happened. */
  readonly page: string;
  readonly logs: number;
  readonly events: number;
};

const KNOWN = new Set(["meta", "exceptions", "logs", "measurements", "events", "traces"]);
export const TIMED_VITALS = ["fcp", "inp", "lcp", "ttfb"] as const;
const MOST_ITEMS = 200;
/** A page that takes longer was asleep in a background tab. */
const LONGEST_MS = 600_000;
const LARGEST_SHIFT = 100;

/** Reads a payload; undefined when it isn't one. What doesn't fit inside it is left out. Pure. */
export function readTelemetry(payload: unknown): Telemetry | undefined {
  if (!isObject(payload) || !isObject(payload.meta)) return undefined;
  if (Object.keys(payload).some((name) => !KNOWN.has(name))) return undefined;
  const lists = ["exceptions", "logs", "measurements", "events"].map((name) => listOf(payload[name]));
  if (lists.some((list) => list === undefined)) return undefined;
  const [exceptions, logs, measurements, events] = lists as readonly object[][] as Record<string, unknown>[][];
  const values = measurements!
    .filter(({ type }) => type === "web-vitals")
    .flatMap(({ values: own }) => (isObject(own) ? [own] : []));
  return {
    vitals: values.flatMap((own) =>
      TIMED_VITALS.flatMap((name) => (isBetween(own[name], LONGEST_MS) ? [{ name, seconds: own[name] / 1000 }] : [])),
    ),
    layoutShifts: values.flatMap(({ cls }) => (isBetween(cls, LARGEST_SHIFT) ? [cls] : [])),
    exceptions: exceptions!.map(({ type }) => nameOf(type)),
    page: pageOf(payload.meta),
    logs: logs!.length,
    events: events!.length,
  };
}

function listOf(value: unknown): Record<string, unknown>[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MOST_ITEMS || !value.every(isObject)) return undefined;
  return value;
}

/** The kind of an exception, such as TypeError; its text may hold anything and is left out. */
function nameOf(type: unknown): string {
  return typeof type === "string" && /^[A-Za-z][A-Za-z0-9_.]{0,60}$/.test(type) ? type : "other";
}

/** Where on the page it happened: the view's name behind the #, without ids, query or host. */
function pageOf(meta: unknown): string {
  const page = isObject(meta) && isObject(meta.page) ? meta.page.url : undefined;
  if (typeof page !== "string" || !URL.canParse(page)) return "unknown";
  return /^#?\/?([a-z-]{1,30})/.exec(new URL(page).hash)?.[1] ?? "start";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBetween(value: unknown, most: number): value is number {
  return typeof value === "number" && value >= 0 && value <= most;
}
