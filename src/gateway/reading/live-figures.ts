import type { Decision } from "../../contracts/score.ts";
import { addCounts, addLatency, type LatencyCounts, latencyCounts, latencyQuantile } from "./latency-counts.ts";

export type DecisionCounts = { readonly [Kind in Decision]: number };

/** What was scored in one second; latencies in milliseconds, null where nothing was scored. */
type LiveSecond = DecisionCounts & {
  readonly at: string;
  readonly scored: number;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
};

export type LiveFigures = {
  /** A score event, published and received at these times of the broker, in milliseconds since 1970. */
  note(decision: Decision, publishedAt: number, receivedAt: number): void;
  read(): {
    /** Over the last five whole seconds. */
    readonly per_second: number;
    readonly last_minute: {
      readonly scored: number;
      readonly decisions: DecisionCounts;
      readonly end_to_end_ms: { readonly p50: number | null; readonly p99: number | null };
    };
    /** The last whole seconds, oldest first. */
    readonly series: readonly LiveSecond[];
  };
};

const KEPT_SECONDS = 120;
const RATE_SECONDS = 5;
const MINUTE_SECONDS = 60;

type Second = { second: number; decisions: Record<Decision, number>; latencies: LatencyCounts };

/** Rolling figures of what is scored, second by second; the same room for any rate. */
export function createLiveFigures(now: () => number = Date.now): LiveFigures {
  const ring: (Second | undefined)[] = Array(KEPT_SECONDS + 1).fill(undefined);

  function secondAt(second: number): Second | undefined {
    const found = ring[second % ring.length];
    return found?.second === second ? found : undefined;
  }

  function wholeSeconds(count: number): (Second | undefined)[] {
    const current = Math.floor(now() / 1000);
    return Array.from({ length: count }, (_, index) => secondAt(current - count + index));
  }

  return {
    note(decision, publishedAt, receivedAt) {
      const second = Math.floor(publishedAt / 1000);
      // What was published before the gateway looked is no part of what happens now.
      if (second < Math.floor(now() / 1000) - KEPT_SECONDS) return;
      let entry = secondAt(second);
      if (entry === undefined) {
        entry = { second, decisions: { approve: 0, refer: 0, decline: 0 }, latencies: latencyCounts() };
        ring[second % ring.length] = entry;
      }
      entry.decisions[decision]++;
      addLatency(entry.latencies, publishedAt - receivedAt);
    },

    read() {
      const current = Math.floor(now() / 1000);
      const series = wholeSeconds(KEPT_SECONDS);
      const minute = sum(series.slice(-MINUTE_SECONDS));
      return {
        per_second: scoredIn(sum(series.slice(-RATE_SECONDS)).decisions) / RATE_SECONDS,
        last_minute: {
          scored: scoredIn(minute.decisions),
          decisions: minute.decisions,
          end_to_end_ms: { p50: latencyQuantile(minute.latencies, 0.5), p99: latencyQuantile(minute.latencies, 0.99) },
        },
        series: series.map((entry, index) => {
          const { decisions, latencies } = sum([entry]);
          return {
            at: new Date((current - KEPT_SECONDS + index) * 1000).toISOString(),
            scored: scoredIn(decisions),
            p50_ms: latencyQuantile(latencies, 0.5),
            p99_ms: latencyQuantile(latencies, 0.99),
            ...decisions,
          };
        }),
      };
    },
  };
}

function sum(seconds: readonly (Second | undefined)[]): Pick<Second, "decisions" | "latencies"> {
  const total = { decisions: { approve: 0, refer: 0, decline: 0 }, latencies: latencyCounts() };
  for (const second of seconds) {
    if (second === undefined) continue;
    total.decisions.approve += second.decisions.approve;
    total.decisions.refer += second.decisions.refer;
    total.decisions.decline += second.decisions.decline;
    addCounts(total.latencies, second.latencies);
  }
  return total;
}

function scoredIn({ approve, refer, decline }: DecisionCounts): number {
  return approve + refer + decline;
}
