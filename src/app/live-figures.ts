/** What the live line of `plumbline up` shows, read from the scorers' /metrics. */
export type Counts = {
  /** New decisions since the scorers started. */
  readonly decisions: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  /** Cumulative counts by upper edge in seconds, ascending; the last is +Inf. */
  readonly endToEnd: readonly (readonly [edge: number, count: number])[];
  readonly pending: number;
};

const SAMPLE = /^(\w+?)(?:\{(.*)\})? (\S+)$/;

/** Sums the text expositions of several scorers; the backlog is the same in all, so its largest report counts. */
export function readCounts(expositions: readonly string[]): Counts {
  const decisions: Record<string, number> = {};
  const buckets = new Map<number, number>();
  let deadLetters = 0;
  let pending = 0;
  for (const line of expositions.flatMap((text) => text.split("\n"))) {
    const [, name, labels = "", text] = SAMPLE.exec(line) ?? [];
    const value = Number(text);
    if (name === "plumbline_decisions_total") {
      const decision = label(labels, "decision");
      decisions[decision] = (decisions[decision] ?? 0) + value;
    } else if (name === "plumbline_dead_letters_total") {
      deadLetters += value;
    } else if (name === "plumbline_end_to_end_seconds_bucket") {
      const edge = label(labels, "le") === "+Inf" ? Number.POSITIVE_INFINITY : Number(label(labels, "le"));
      buckets.set(edge, (buckets.get(edge) ?? 0) + value);
    } else if (name === "plumbline_consumer_pending") {
      pending = Math.max(pending, value);
    }
  }
  return { decisions, deadLetters, pending, endToEnd: [...buckets].sort(([a], [b]) => a - b) };
}

function label(labels: string, name: string): string {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
}

/**
 * The q-quantile in seconds of what two readings of cumulative buckets have between them, interpolated inside its
 * bucket as Prometheus' histogram_quantile does; undefined when nothing is between them.
 */
export function quantileBetween(before: Counts["endToEnd"], after: Counts["endToEnd"], q: number): number | undefined {
  const earlier = new Map(before);
  const counts = after.map(([edge, count]) => [edge, Math.max(0, count - (earlier.get(edge) ?? 0))] as const);
  const total = counts.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = q * total;
  let [lowerEdge, below] = [0, 0];
  for (const [edge, count] of counts) {
    if (count >= rank) {
      // Beyond the last finite edge nothing is known but that edge.
      if (edge === Number.POSITIVE_INFINITY) return lowerEdge;
      return lowerEdge + (edge - lowerEdge) * ((rank - below) / (count - below));
    }
    [lowerEdge, below] = [edge, count];
  }
  return lowerEdge;
}

/** One line that fits 80 columns: rate, latency, decision mix, backlog, dead letters. `seconds` lie between the readings. */
export function liveLine(before: Counts, after: Counts, seconds: number): string {
  const made = Object.entries(after.decisions).map(
    ([decision, count]) => [decision, Math.max(0, count - (before.decisions[decision] ?? 0))] as const,
  );
  const total = made.reduce((sum, [, count]) => sum + count, 0);
  const share = (decision: string) => {
    const count = made.find(([name]) => name === decision)?.[1] ?? 0;
    return total === 0 ? "–" : `${Math.round((100 * count) / total)}`;
  };
  const latency = (q: number) => {
    const quantile = quantileBetween(before.endToEnd, after.endToEnd, q);
    return quantile === undefined ? "–" : (quantile * 1000).toFixed(quantile < 0.01 ? 1 : 0);
  };
  return [
    `${Math.round(total / seconds).toLocaleString("en-US")}/s`,
    `p50 ${latency(0.5)} p99 ${latency(0.99)} ms`,
    `approve ${share("approve")} refer ${share("refer")} decline ${share("decline")} %`,
    `pending ${after.pending.toLocaleString("en-US")}`,
    `dead ${after.deadLetters.toLocaleString("en-US")}`,
  ].join(" · ");
}
