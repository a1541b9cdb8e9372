import type { Threshold } from "@grafana/grafana-foundation-sdk/dashboard";
import { COLOUR } from "./style.ts";

/** Where a value turns bad; `beyond` is on both sides of 0. */
export type Limit = { readonly level: "warning" | "critical" } & (
  | { readonly above: number }
  | { readonly below: number }
  | { readonly beyond: number }
);

/** `rule` is the alert, or the recorded series of an objective, that has the number. */
type RuledLimit = Limit & { readonly rule: string };

/** A test holds each number against its rule in prometheus/rules: no panel draws another line than the one that rings. */
export const LIMITS = {
  burnFast: { rule: "ErrorBudgetBurn", above: 14.4, level: "critical" },
  burnSlow: { rule: "ErrorBudgetBurn", above: 6, level: "critical" },
  latencyBurnFast: { rule: "LatencyBudgetBurn", above: 14.4, level: "critical" },
  latencyBurnSlow: { rule: "LatencyBudgetBurn", above: 6, level: "critical" },
  latency: { rule: "plumbline:objective:latency_seconds", above: 0.25, level: "warning" },
  inTime: { rule: "plumbline:objective:latency_ratio", below: 0.99, level: "warning" },
  backlogDrain: { rule: "BacklogNotDraining", above: 300, level: "critical" },
  ackPendingScorer: { rule: "AckPendingNearLimit", above: 40_000, level: "warning" },
  ackPendingDrift: { rule: "AckPendingNearLimit", above: 800, level: "warning" },
  redeliveries: { rule: "RedeliveryRateHigh", above: 0.05, level: "warning" },
  deadLetters: { rule: "DeadLetters", above: 0.05, level: "critical" },
  driftWarning: { rule: "DataDriftWarning", above: 0.5, level: "warning" },
  driftCritical: { rule: "DataDriftCritical", above: 0.7, level: "critical" },
  driftedFeatures: { rule: "DriftedFeatures", above: 0.3, level: "warning" },
  featurePsi: { rule: "FeatureDrift", above: 0.25, level: "critical" },
  scorePsi: { rule: "ScoreDrift", above: 0.25, level: "warning" },
  approvalShift: { rule: "ApprovalRateShift", beyond: 0.1, level: "warning" },
  missingMore: { rule: "FeatureMissingHigh", above: 0.2, level: "warning" },
  /** 50 hours. */
  driftStale: { rule: "DriftMonitorStale", above: 180_000, level: "warning" },
  apiErrors: { rule: "HighApiErrorRate", above: 0.05, level: "critical" },
  apiLatency: { rule: "plumbline:objective:api_p95_seconds", above: 0.2, level: "warning" },
  apiLatencyPage: { rule: "HighApiLatency", above: 2, level: "critical" },
  consoleErrors: { rule: "ConsoleErrorsHigh", above: 10, level: "warning" },
  eventLoopLag: { rule: "EventLoopLagHigh", above: 0.1, level: "warning" },
  streamFull: { rule: "StreamAlmostFull", above: 0.8, level: "warning" },
  streamFullPage: { rule: "StreamAlmostFull", above: 0.95, level: "critical" },
  connections: { rule: "PostgresConnectionsHigh", above: 0.9, level: "warning" },
  diskFree: { rule: "DiskAlmostFull", below: 0.1, level: "warning" },
  diskFreePage: { rule: "DiskAlmostFull", below: 0.05, level: "critical" },
  /** 26 hours. */
  retentionStale: { rule: "RetentionStale", above: 93_600, level: "warning" },
} as const satisfies Record<string, RuledLimit>;

/** Lines that no alert draws as a number of its own. */
export const MARKS = {
  /** Of a count of which none is well. */
  anyTicket: { above: 1, level: "warning" },
  anyPage: { above: 1, level: "critical" },
  /** Of a count of which one is well. */
  several: { above: 2, level: "warning" },
  budgetLow: { below: 0.25, level: "warning" },
  budgetGone: { below: 0, level: "critical" },
  watchdog: { below: 1, level: "critical" },
  /** Where literature begins to speak of a shift. */
  featurePsiWarning: { above: 0.1, level: "warning" },
} as const satisfies Record<string, Limit>;

const isPassed = (limit: Limit, value: number): boolean => {
  if ("above" in limit) return value >= limit.above;
  if ("below" in limit) return value < limit.below;
  return value < -limit.beyond || value >= limit.beyond;
};

export function edgesOf(limit: Limit): number[] {
  if ("above" in limit) return [limit.above];
  return "below" in limit ? [limit.below] : [-limit.beyond, limit.beyond];
}

/**
 * A panel's thresholds in ascending order; `calm` is the colour where no limit is passed. Grafana draws a line at every
 * step but the first, in the step's colour, or where that is transparent in the colour of the step below.
 */
export function stepsOf(limits: readonly Limit[], calm: string): Threshold[] {
  const colourAt = (value: number): string => {
    const levels = limits.filter((limit) => isPassed(limit, value)).map(({ level }) => level);
    if (levels.includes("critical")) return COLOUR.critical;
    return levels.includes("warning") ? COLOUR.warning : calm;
  };
  const edges = [...new Set(limits.flatMap(edgesOf))].sort((a, b) => a - b);
  const base = { value: null, color: colourAt(Number.NEGATIVE_INFINITY) };
  return [base, ...edges.map((value) => ({ value, color: colourAt(value) }))];
}
