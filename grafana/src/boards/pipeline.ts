import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { board } from "../board.ts";
import { LIMITS } from "../limits.ts";
import { PAGES } from "../pages.ts";
import { heatMap } from "../panels/heat-map.ts";
import { stateTimeline } from "../panels/state-timeline.ts";
import { timeSeries } from "../panels/time-series.ts";
import { buckets, mean, perSecond, quantile } from "../promql.ts";
import { COLOUR, UNIT } from "../style.ts";
import { OUTCOME_COLOURS } from "./outcomes.ts";

export function pipeline(): Dashboard {
  return board(PAGES.pipeline, [
    { title: "Work", panels: work() },
    { title: "Backlog", panels: backlog() },
    { title: "Where the time goes", panels: time() },
    { title: "Faults and dependencies", panels: faults() },
  ]);
}

const work = () => [
  timeSeries({
    title: "Applications by outcome",
    description:
      "Applications per second: scored, duplicate and dead_lettered are settled; retried were handed back to the broker.",
    unit: UNIT.perSecond,
    width: 8,
    queries: [{ expression: perSecond("plumbline_applications_total", "outcome"), legend: "{{outcome}}" }],
    isStacked: true,
    colours: OUTCOME_COLOURS,
  }),
  timeSeries({
    title: "Scored by each scorer",
    description: "One line much lower than the others is a scorer that is slow, or starved of messages.",
    unit: UNIT.perSecond,
    width: 8,
    queries: [
      {
        expression: perSecond('plumbline_applications_total{outcome="scored"}', "instance"),
        legend: "{{instance}}",
      },
    ],
  }),
  timeSeries({
    title: "Batch size",
    description: "Applications that a scorer takes at a time. Batches grow under load; full ones mean it is the limit.",
    unit: UNIT.count,
    width: 8,
    queries: [
      { expression: mean("plumbline_batch_applications"), legend: "mean" },
      { expression: quantile(0.5, "plumbline_batch_applications"), legend: "p50" },
      { expression: quantile(0.95, "plumbline_batch_applications"), legend: "p95" },
    ],
  }),
];

const backlog = () => [
  timeSeries({
    title: "Waiting",
    description:
      "Messages of the stream that its consumer hasn't been given yet. One that only rises needs more of it.",
    unit: UNIT.count,
    width: 8,
    queries: [
      { expression: "max by (stream, consumer) (plumbline_consumer_pending)", legend: "{{stream}} · {{consumer}}" },
    ],
  }),
  timeSeries({
    title: "Backlog drains in",
    description:
      "How long the scorers take for what waits, at the rate of the last minutes. The alert rings when it is beyond the line and grows.",
    unit: UNIT.seconds,
    width: 8,
    queries: [{ expression: "plumbline:backlog:drain_seconds", legend: "drain time" }],
    limits: [LIMITS.backlogDrain],
  }),
  timeSeries({
    title: "In flight",
    description: "Applications in the batches that a scorer works on. Level while nothing is scored: it waits.",
    unit: UNIT.count,
    width: 8,
    queries: [{ expression: "plumbline_inflight_applications", legend: "{{instance}}" }],
  }),
  timeSeries({
    title: "Delivered to scorers, not acknowledged",
    description: "Applications in the scorers' hands. At 50,000 the broker stops delivering.",
    unit: UNIT.count,
    width: 12,
    height: 6,
    queries: [{ expression: 'max(plumbline_consumer_ack_pending{consumer="scorer"})', legend: "scorer" }],
    limits: [LIMITS.ackPendingScorer],
  }),
  timeSeries({
    title: "Delivered to drift, not acknowledged",
    description: "Observations in the drift consumers' hands. At 1,000 the broker stops delivering.",
    unit: UNIT.count,
    width: 12,
    height: 6,
    queries: [{ expression: 'max(plumbline_consumer_ack_pending{consumer="drift"})', legend: "drift" }],
    limits: [LIMITS.ackPendingDrift],
  }),
];

const time = () => [
  heatMap({
    title: "Mean time in each stage",
    description: "Seconds that a batch spends in a stage, on average. The darkest row is where the time goes.",
    unit: UNIT.seconds,
    axisUnit: UNIT.number,
    rows: "series",
    width: 8,
    queries: [{ expression: mean("plumbline_stage_seconds", "stage"), legend: "{{stage}}" }],
  }),
  timeSeries({
    title: "Time in each stage, p95",
    description:
      "95 % of batches leave the stage within this. Persist follows PostgreSQL, publish NATS, score the model.",
    unit: UNIT.seconds,
    width: 8,
    queries: [{ expression: quantile(0.95, "plumbline_stage_seconds", "stage"), legend: "{{stage}}" }],
  }),
  heatMap({
    title: "From receipt to decision",
    description: "Applications by how long they took. A second band far up is a retry, an outage or a backlog.",
    unit: UNIT.count,
    axisUnit: UNIT.seconds,
    rows: "buckets",
    width: 8,
    queries: [{ expression: buckets("plumbline_end_to_end_seconds"), legend: "{{le}}" }],
  }),
];

const faults = () => [
  timeSeries({
    title: "Repeated deliveries",
    description: "Share of deliveries that were repeated: scorers that died, stall, or wait for a server.",
    unit: UNIT.share,
    width: 8,
    queries: [{ expression: "plumbline:redeliveries:ratio_rate5m", legend: "repeated" }],
    limits: [LIMITS.redeliveries],
  }),
  timeSeries({
    title: "Dead letters by reason",
    description: "Applications per minute that can't be decided, by why. See Errors, and `plumbline deadletters`.",
    unit: UNIT.perMinute,
    width: 8,
    queries: [{ expression: `60 * ${perSecond("plumbline_dead_letters_total", "reason")}`, legend: "{{reason}}" }],
    isStacked: true,
    more: PAGES.errors,
  }),
  timeSeries({
    title: "Failed statements",
    description: "PostgreSQL's refusals per minute: outage is waited for, data is a row that it refuses.",
    unit: UNIT.perMinute,
    width: 8,
    queries: [
      {
        expression: `60 * ${perSecond("plumbline_postgres_errors_total", "role", "kind")}`,
        legend: "{{role}} · {{kind}}",
      },
    ],
  }),
  stateTimeline({
    title: "Connection to the broker",
    description: "Whether every process of the role has its connection to NATS. Nothing is decided while it is lost.",
    unit: UNIT.number,
    width: 12,
    height: 6,
    queries: [{ expression: "min by (role) (plumbline_nats_connected)", legend: "{{role}}" }],
    states: { 0: { text: "lost", color: COLOUR.critical }, 1: { text: "stands", color: COLOUR.good } },
    none: "no process",
  }),
  timeSeries({
    title: "Reconnects to the broker",
    description: "How often the connection was made again, per minute. More than a few: the broker or the network.",
    unit: UNIT.perMinute,
    width: 12,
    height: 6,
    queries: [{ expression: `60 * ${perSecond("plumbline_nats_reconnects_total", "role")}`, legend: "{{role}}" }],
  }),
];
