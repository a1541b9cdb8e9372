import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { board } from "../board.ts";
import { LIMITS, MARKS } from "../limits.ts";
import { PAGES } from "../pages.ts";
import { table } from "../panels/table.ts";
import { tile } from "../panels/tile.ts";
import { timeSeries } from "../panels/time-series.ts";
import { perSecond, quantile } from "../promql.ts";
import { UNIT } from "../style.ts";
import { FIRING_TABLE } from "./alert-queries.ts";
import { newestOf, verdictOf } from "./drift-queries.ts";
import { OUTCOME_COLOURS } from "./outcomes.ts";

export function overview(): Dashboard {
  return board(PAGES.overview, [
    { title: "Is it well?", panels: tiles() },
    { title: "Objectives and work", panels: work() },
    { title: "What to look into", panels: details() },
  ]);
}

const tiles = () => [
  tile({
    title: "Alerts that page",
    description: "Alerts of severity page that fire now. Above 0: read the table below and open the alert's runbook.",
    unit: UNIT.count,
    width: 3,
    queries: [{ expression: 'count(ALERTS{alertstate="firing", severity="page"}) or vector(0)', legend: "page" }],
    limits: [MARKS.anyPage],
    none: "–",
    more: PAGES.errors,
  }),
  tile({
    title: "Tickets",
    description: "Alerts of severity ticket that fire now: for working hours, not for the night.",
    unit: UNIT.count,
    width: 3,
    queries: [{ expression: 'count(ALERTS{alertstate="firing", severity="ticket"}) or vector(0)', legend: "ticket" }],
    limits: [MARKS.anyTicket],
    none: "–",
    more: PAGES.errors,
  }),
  tile({
    title: "Roles absent",
    description:
      "Roles (scorer, drift, gateway, alerts) of which Prometheus reaches no process. Above 0: Runtime & infrastructure shows which.",
    unit: UNIT.count,
    width: 3,
    queries: [
      {
        expression: 'count(plumbline:role:expected unless on (role) up{job="plumbline"} == 1) or vector(0)',
        legend: "absent",
      },
    ],
    limits: [MARKS.anyPage],
    none: "–",
    more: PAGES.runtime,
  }),
  tile({
    title: "Error budget left",
    description:
      "What is left of the 30 days' budget of applications that may fail (0.1 %). Less history counts as it is. At 0 % stop changing things and mend.",
    unit: UNIT.share,
    width: 3,
    queries: [{ expression: 'plumbline:slo:budget_left_ratio{slo="availability"}', legend: "left" }],
    limits: [MARKS.budgetLow, MARKS.budgetGone],
    none: "no traffic",
    decimals: 1,
    more: PAGES.pipeline,
  }),
  tile({
    title: "Backlog drains in",
    description:
      "How long the scorers take for what waits, at the rate of the last minutes. Growing beyond the limit: add scorers, or see what holds them up.",
    unit: UNIT.seconds,
    width: 3,
    queries: [{ expression: "plumbline:backlog:drain_seconds", legend: "drain" }],
    limits: [LIMITS.backlogDrain],
    none: "nothing scored",
    more: PAGES.pipeline,
  }),
  tile({
    title: "Decided within 0.25 s",
    description: "Share of applications decided within the objective's 0.25 s of receipt, in the last minutes.",
    unit: UNIT.share,
    width: 3,
    queries: [{ expression: "1 - plumbline:end_to_end:slow_ratio_rate5m", legend: "in time" }],
    limits: [LIMITS.inTime],
    none: "no traffic",
    decimals: 2,
    more: PAGES.pipeline,
  }),
  tile({
    title: "Drifted features",
    description: "Features that drifted in the last window's verdict. See Drift before trusting decisions.",
    unit: UNIT.count,
    width: 3,
    queries: [{ expression: `sum(${newestOf("plumbline_drift_feature_drifted")} > bool 0)`, legend: "features" }],
    limits: [MARKS.anyTicket],
    none: "no verdict yet",
    more: PAGES.drift,
  }),
  tile({
    title: "Live model",
    description: "Model and version that scorers have loaded. More than one outside a rollout is a skew.",
    unit: UNIT.count,
    width: 3,
    queries: [{ expression: "count by (model, version) (plumbline_model_info)", legend: "{{model}} {{version}}" }],
    isName: true,
    none: "no scorer",
    more: PAGES.model,
  }),
];

/** How many times faster than the objective allows: windows of the alerts that page. */
const burn = (slo: "applications:error" | "end_to_end:slow", objective: "availability" | "latency_ratio") =>
  ["5m", "30m", "1h", "6h"].map((window) => ({
    expression: `plumbline:${slo}_ratio_rate${window} / scalar(1 - plumbline:objective:${objective})`,
    legend: window,
  }));

const work = () => [
  timeSeries({
    title: "Error budget burn",
    description:
      "How many times faster than the 30 days' budget allows applications fail; 1 would use it up exactly. It pages at 14.4 (5m and 1h) and at 6 (30m and 6h).",
    unit: UNIT.number,
    width: 6,
    queries: burn("applications:error", "availability"),
    limits: [LIMITS.burnSlow, LIMITS.burnFast],
    more: PAGES.pipeline,
  }),
  timeSeries({
    title: "Latency budget burn",
    description:
      "How many times faster than allowed applications take longer than 0.25 s. It pages at 14.4 (5m and 1h) and at 6 (30m and 6h).",
    unit: UNIT.number,
    width: 6,
    queries: burn("end_to_end:slow", "latency_ratio"),
    limits: [LIMITS.latencyBurnSlow, LIMITS.latencyBurnFast],
    more: PAGES.pipeline,
  }),
  timeSeries({
    title: "Applications",
    description: "Applications per second by outcome. Scored is the work; retried and dead_lettered stay near 0.",
    unit: UNIT.perSecond,
    width: 6,
    queries: [{ expression: perSecond("plumbline_applications_total", "outcome"), legend: "{{outcome}}" }],
    colours: OUTCOME_COLOURS,
    more: PAGES.pipeline,
  }),
  timeSeries({
    title: "From receipt to decision",
    description:
      "Quantiles of the time from the broker's receipt to the published decision. The objective: 99 % within 0.25 s.",
    unit: UNIT.seconds,
    width: 6,
    queries: [
      { expression: quantile(0.5, "plumbline_end_to_end_seconds"), legend: "p50" },
      { expression: quantile(0.95, "plumbline_end_to_end_seconds"), legend: "p95" },
      { expression: quantile(0.99, "plumbline_end_to_end_seconds"), legend: "p99" },
    ],
    isLogarithmic: true,
    limits: [LIMITS.latency],
    more: PAGES.pipeline,
  }),
];

const details = () => [
  table({ ...FIRING_TABLE, width: 12, height: 8, more: PAGES.errors }),
  timeSeries({
    title: "Waiting applications",
    description: "Applications on the broker that nobody has settled yet. A line that only rises needs more scorers.",
    unit: UNIT.count,
    width: 6,
    queries: [{ expression: "plumbline:backlog:applications", legend: "waiting" }],
    more: PAGES.pipeline,
  }),
  timeSeries({
    title: "Drift score",
    description:
      "Share of the features' importance that drifted, in the last verdict. The lines warn and call: the model judges people unlike those it learned from.",
    unit: UNIT.number,
    width: 6,
    queries: [{ expression: verdictOf("plumbline_drift_score"), legend: "{{model}}" }],
    limits: [LIMITS.driftWarning, LIMITS.driftCritical],
    max: 1,
    more: PAGES.drift,
  }),
  timeSeries({
    title: "API latency, p95",
    description: "95 % of the gateway's requests are answered within this. The lines are those of HighApiLatency.",
    unit: UNIT.seconds,
    width: 8,
    queries: [{ expression: "plumbline:http:p95_seconds_rate5m", legend: "p95" }],
    limits: [LIMITS.apiLatency, LIMITS.apiLatencyPage],
    more: PAGES.api,
  }),
  timeSeries({
    title: "API errors",
    description: "Share of the gateway's requests that it answers with 5xx: its own faults, not the clients'.",
    unit: UNIT.share,
    width: 8,
    queries: [{ expression: "plumbline:http:error_ratio_rate5m", legend: "5xx" }],
    limits: [LIMITS.apiErrors],
    more: PAGES.api,
  }),
  timeSeries({
    title: "Budgets left",
    description:
      "What is left of each objective's budget of 30 days: 1 is all, 0 none, below 0 the objective is missed. With less history, of what there is.",
    unit: UNIT.share,
    width: 8,
    queries: [{ expression: "plumbline:slo:budget_left_ratio", legend: "{{slo}}" }],
    limits: [MARKS.budgetLow, MARKS.budgetGone],
    max: 1,
    isSigned: true,
  }),
];
