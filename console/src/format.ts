/** Figures and times as the console writes them: the browser's own zone, 24 hours, numbers as in the reports. */

/** Keeps a number on a line with its unit. */
const JOINED = "\u00a0";
const NONE = "–";

export function count(n: number | null): string {
  return n === null ? NONE : Math.round(n).toLocaleString("en-US");
}

/** 1 feature, 2 features. */
export function counted(n: number, noun: string): string {
  return `${count(n)}${JOINED}${noun}${n === 1 ? "" : "s"}`;
}

/** A rate per second: small ones with a decimal. */
export function rate(perSecond: number): string {
  return perSecond < 10 && !Number.isInteger(perSecond) ? perSecond.toFixed(1) : count(perSecond);
}

export function percentage(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)}${JOINED}%`;
}

/** With a sign, except for what rounds to nothing. */
export function signed(value: number, decimals: number): string {
  const size = Math.abs(value).toFixed(decimals);
  if (Number(size) === 0) return size;
  return `${value < 0 ? "−" : "+"}${size}`;
}

/** A difference of two shares. */
export function points(difference: number): string {
  return `${signed(difference * 100, 1)}${JOINED}pts`;
}

/** A span of time, with two figures at most. */
export function duration(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms < 9.95 && ms > 0) return `${ms.toFixed(1)}${JOINED}ms`;
  if (ms < 999.5) return `${Math.round(ms)}${JOINED}ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}${JOINED}s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)}${JOINED}s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)}${JOINED}min`;
  if (ms < 2 * 86_400_000) return `${Math.round(ms / 3_600_000)}${JOINED}h`;
  return `${Math.round(ms / 86_400_000)}${JOINED}days`;
}

/** How long ago, from the later to the earlier of two moments in milliseconds. */
export function ago(now: number, then: number): string {
  const span = Math.max(0, now - then);
  const seconds = Math.round(span / 1000);
  if (span < 1_500) return "just now";
  return `${seconds < 10 ? `${seconds}${JOINED}s` : duration(seconds * 1000)} ago`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n}${JOINED}B`;
  return n < 1024 * 1024 ? `${(n / 1024).toFixed(1)}${JOINED}KiB` : `${(n / 1024 / 1024).toFixed(1)}${JOINED}MiB`;
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const MINUTE = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const MS_TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

type Instant = string | number;

/** 14:02:11 */
export const time = (at: Instant) => TIME.format(new Date(at));
/** 14:02:11.093 */
export const preciseTime = (at: Instant) => MS_TIME.format(new Date(at));
/** 21 Nov 2026 */
export const day = (at: Instant) => DAY.format(new Date(at));
/** 21 Nov 2026, 14:02 */
export const moment = (at: Instant) => `${day(at)}, ${MINUTE.format(new Date(at))}`;
/** The time, and the day where that isn't today's. */
export function recent(at: Instant, now: number = Date.now()): string {
  return day(at) === day(now) ? time(at) : moment(at);
}

/** From when to when; the day once where both have the same. */
export function period({ start, end }: { readonly start: string; readonly end: string }): string {
  const [from, to] = [new Date(start), new Date(end)];
  if (day(start) === day(end)) return `${day(start)}, ${MINUTE.format(from)}–${MINUTE.format(to)}`;
  if (to.getTime() - from.getTime() >= 2 * 86_400_000) return `${day(start)} – ${day(end)}`;
  return `${moment(start)} – ${moment(end)}`;
}

/** A feature's name as words: loan_amount → Loan amount. Short ones without an underscore are abbreviations: dti → DTI. */
export function featureLabel({ name, label }: { readonly name: string; readonly label?: string | undefined }): string {
  if (label !== undefined) return label;
  if (/^[a-z]{2,3}$/.test(name)) return name.toUpperCase();
  const words = name
    .replaceAll("_", " ")
    .replace(/ (\d+)([my])$/, (_, n, unit) => `, ${n} ${unit === "m" ? "months" : "years"}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A number of an application or a bin's edge, with no more digits than it needs. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value)) return `${value < 0 ? "−" : ""}${count(size)}`;
  if (size >= 1_000) return `${value < 0 ? "−" : ""}${count(size)}`;
  return String(Number(value.toPrecision(3))).replace("-", "−");
}
