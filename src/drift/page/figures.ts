/** Figures, dates and lists as the page and the terminal show them. */

/** Keeps a figure and its unit on one line. */
const JOINED = "\u00a0";
const DAY_MS = 86_400_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 12,345; 0.0123; three significant digits below 1,000. */
export function figure(value: number | null): string {
  if (value === null) return "–";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** A distance such as PSI, with as many decimals everywhere, so that a column of them can be compared. */
export function distance(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

/** A p-value: none is shown as zero. */
export function pValue(value: number): string {
  return value < 0.0001 ? "< 0.0001" : value.toPrecision(2);
}

export function percentage(share: number): string {
  return `${(share * 100).toFixed(1)}${JOINED}%`;
}

export function pointsOf(difference: number): string {
  return `${signed(difference * 100, 1)}${JOINED}percentage points`;
}

/** With a sign, except for what rounds to nothing. */
export function signed(value: number, decimals: number): string {
  const size = Math.abs(value).toFixed(decimals);
  if (Number(size) === 0) return size;
  return `${value < 0 ? "−" : "+"}${size}`;
}

/** A day in UTC, such as 1 Jul 2010; with the time of day where that is not midnight. */
export function moment(instant: string): string {
  const date = new Date(instant);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return date.getTime() % DAY_MS === 0 ? day : `${day}, ${date.toISOString().slice(11, 16)}`;
}

/** A window, whose end is outside it: whole days are named from the first to the last. */
export function period({ start, end }: { readonly start: string; readonly end: string }): string {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  if (from % DAY_MS !== 0 || to % DAY_MS !== 0) return `${moment(start)} to ${moment(end)} UTC`;
  const last = new Date(to - DAY_MS).toISOString();
  return to - from === DAY_MS ? moment(start) : `${moment(start)} to ${moment(last)}`;
}

/** A sentence whose figures stay on a line with their units. */
export function unbroken(sentence: string): string {
  return sentence.replace(/(\d) (?=%|percentage points)/g, `$1${JOINED}`);
}

/** a, b and c. */
export function listing(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** 1 feature, 2 features. */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}
