/**
 * PromQL of the shapes that the dashboards need again and again. Grafana fills `$__rate_interval` with a window that
 * holds four scrapes at least, however far one zooms out.
 */
const WINDOW = "$__rate_interval";

const by = (labels: readonly string[]) => (labels.length === 0 ? "" : ` by (${labels.join(", ")}) `);

/** Increase per second, counter by counter before it is summed, so that a restart of one is no dip of all. */
export function perSecond(counter: string, ...labels: string[]): string {
  return `sum${by(labels)}(rate(${counter}[${WINDOW}]))`;
}

/**
 * A quantile of a histogram's observations. A label set without any in the window is NaN, which no comparison keeps:
 * an idle route is a gap and not an error in a table.
 */
export function quantile(q: number, histogram: string, ...labels: string[]): string {
  return `histogram_quantile(${q}, ${perSecond(bucketsOf(histogram), ...labels, "le")}) >= 0`;
}

/** Observations per bucket in the window, for a heat map over time. */
export function buckets(histogram: string): string {
  return `sum by (le) (increase(${bucketsOf(histogram)}[${WINDOW}]))`;
}

/** The mean observation. */
export function mean(histogram: string, ...labels: string[]): string {
  return share(perSecond(`${histogram}_sum`, ...labels), perSecond(`${histogram}_count`, ...labels));
}

/** One over the other; nothing, rather than NaN, where there is none of the whole. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}

/** One over the other, and 0 for those of the whole that have no part at all. */
export function shareOrZero(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`;
}

/** Each label set's part over one number for all. */
export function shareOfAll(part: string, whole: string): string {
  return `${part} / on () group_left () (${whole} > 0)`;
}

/** `name{matchers}` → `name_bucket{matchers}`. */
function bucketsOf(histogram: string): string {
  return histogram.replace(/^[\w:]+/, "$&_bucket");
}
