import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { board } from "../board.ts";
import { LIMITS } from "../limits.ts";
import { PAGES } from "../pages.ts";
import { heatMap } from "../panels/heat-map.ts";
import { timeSeries } from "../panels/time-series.ts";
import { buckets, perSecond, quantile, shareOrZero } from "../promql.ts";
import { UNIT } from "../style.ts";

const REQUESTS = "plumbline_http_requests_total";
const FAILED = 'plumbline_http_requests_total{code=~"5.."}';
/** Addresses that no route has are the label ""; a legend needs a name for it. */
const named = (expression: string) => `label_replace(${expression}, "route", "(no route)", "route", "")`;

export function api(): Dashboard {
  return board(PAGES.api, [
    { title: "Requests", panels: requests() },
    { title: "By route", panels: routes() },
    { title: "Streams of scores (WebSocket)", panels: streams() },
    { title: "Browsers of the console", panels: browsers() },
  ]);
}

const requests = () => [
  timeSeries({
    title: "Requests by answer",
    description: "Requests per second by status. 4xx are the clients' faults, 429 their haste, 5xx ours.",
    unit: UNIT.requestsPerSecond,
    width: 8,
    queries: [{ expression: perSecond(REQUESTS, "code"), legend: "{{code}}" }],
    isStacked: true,
  }),
  timeSeries({
    title: "Failed requests",
    description:
      "Share of requests that the gateway answers with 5xx. The objective is 0.1 %, the alert's line higher.",
    unit: UNIT.share,
    width: 8,
    queries: [{ expression: "plumbline:http:error_ratio_rate5m", legend: "5xx" }],
    limits: [LIMITS.apiErrors],
    more: PAGES.errors,
  }),
  timeSeries({
    title: "Latency",
    description:
      "Quantiles over all routes, from a request's first byte to its answer's last. The objective: p95 ≤ 0.2 s.",
    unit: UNIT.seconds,
    width: 8,
    queries: [
      { expression: quantile(0.5, "plumbline_http_request_seconds"), legend: "p50" },
      { expression: "plumbline:http:p95_seconds_rate5m", legend: "p95" },
      { expression: quantile(0.99, "plumbline_http_request_seconds"), legend: "p99" },
    ],
    isLogarithmic: true,
    limits: [LIMITS.apiLatency, LIMITS.apiLatencyPage],
  }),
];

const routes = () => [
  timeSeries({
    title: "Requests by route",
    description: "Requests per second of each route and method.",
    unit: UNIT.requestsPerSecond,
    width: 12,
    queries: [{ expression: named(perSecond(REQUESTS, "method", "route")), legend: "{{method}} {{route}}" }],
    hasTable: true,
  }),
  timeSeries({
    title: "Latency by route, p95",
    description: "95 % of the route's requests are answered within this; a route without requests is a gap.",
    unit: UNIT.seconds,
    width: 12,
    queries: [
      {
        expression: named(quantile(0.95, "plumbline_http_request_seconds", "method", "route")),
        legend: "{{method}} {{route}}",
      },
    ],
    isLogarithmic: true,
    limits: [LIMITS.apiLatency],
    hasTable: true,
  }),
  timeSeries({
    title: "Failed requests by route",
    description: "Share of the route's requests answered with 5xx. 503 is a server away, which clients try again.",
    unit: UNIT.share,
    width: 12,
    queries: [
      {
        expression: named(shareOrZero(perSecond(FAILED, "method", "route"), perSecond(REQUESTS, "method", "route"))),
        legend: "{{method}} {{route}}",
      },
    ],
    hasTable: true,
  }),
  heatMap({
    title: "Requests by how long they took",
    description: "All requests. A second band far up is one slow route, or a server that is slow to answer.",
    unit: UNIT.count,
    axisUnit: UNIT.seconds,
    rows: "buckets",
    width: 12,
    queries: [{ expression: buckets("plumbline_http_request_seconds"), legend: "{{le}}" }],
  }),
];

const streams = () => [
  timeSeries({
    title: "Clients connected",
    description: "WebSocket clients, by gateway. A fall to 0 with closes beside it is ours, without it is theirs.",
    unit: UNIT.count,
    width: 8,
    queries: [{ expression: "sum by (instance) (plumbline_ws_clients)", legend: "{{instance}}" }],
  }),
  timeSeries({
    title: "Scores sent",
    description: "Scores per second sent to clients, counted for each. Less than clients × scores: some read slowly.",
    unit: UNIT.perSecond,
    width: 8,
    queries: [{ expression: perSecond("plumbline_ws_messages_total"), legend: "sent" }],
  }),
  timeSeries({
    title: "Connections closed",
    description:
      "Per minute by why: too_slow and unresponsive are clients that don't keep up, going_away is a restart.",
    unit: UNIT.perMinute,
    width: 8,
    queries: [{ expression: `60 * ${perSecond("plumbline_ws_closed_total", "reason")}`, legend: "{{reason}}" }],
    isStacked: true,
  }),
];

const browsers = () => [
  timeSeries({
    title: "Web vitals, p75",
    description:
      "What three of four pages stay within. Good: LCP 2.5 s, INP 0.2 s, FCP 1.8 s, TTFB 0.8 s (web.dev). Needs consent.",
    unit: UNIT.seconds,
    width: 6,
    queries: [{ expression: quantile(0.75, "plumbline_web_vital_seconds", "name"), legend: "{{name}}" }],
  }),
  timeSeries({
    title: "Layout shift, p75",
    description: "Cumulative layout shift that three of four pages stay within. Good: 0.1.",
    unit: UNIT.number,
    width: 6,
    queries: [{ expression: quantile(0.75, "plumbline_web_vital_cls"), legend: "CLS" }],
  }),
  timeSeries({
    title: "Browser exceptions",
    description: "Exceptions in 15 minutes in the console's users' browsers. A step after a release is that release.",
    unit: UNIT.count,
    width: 6,
    queries: [{ expression: "sum(increase(plumbline_web_exceptions_total[15m]))", legend: "exceptions" }],
    limits: [LIMITS.consoleErrors],
  }),
  timeSeries({
    title: "Telemetry of browsers",
    description:
      "Deliveries per minute by what became of them. not_forwarded: Alloy is away; invalid: not our console.",
    unit: UNIT.perMinute,
    width: 6,
    queries: [{ expression: `60 * ${perSecond("plumbline_faro_requests_total", "outcome")}`, legend: "{{outcome}}" }],
    isStacked: true,
  }),
];
