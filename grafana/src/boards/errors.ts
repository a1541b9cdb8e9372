import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { board } from "../board.ts";
import { LIMITS, MARKS } from "../limits.ts";
import { PAGES } from "../pages.ts";
import { bars } from "../panels/bars.ts";
import { stateTimeline } from "../panels/state-timeline.ts";
import { table } from "../panels/table.ts";
import { tile } from "../panels/tile.ts";
import { timeSeries } from "../panels/time-series.ts";
import { perSecond, share } from "../promql.ts";
import { COLOUR, UNIT } from "../style.ts";
import { FIRING_TABLE } from "./alert-queries.ts";

export function errors(): Dashboard {
  return board(PAGES.errors, [
    { title: "Alerts", panels: alerts() },
    { title: "Applications that failed", panels: applications() },
    { title: "Requests and statements that failed", panels: requests() },
  ]);
}

const alerts = () => [
  table({ ...FIRING_TABLE, width: 10, height: 8 }),
  stateTimeline({
    title: "Alert history",
    description: "When each alert fired. Several that begin together have one cause: look at the first.",
    unit: UNIT.number,
    width: 14,
    queries: [
      {
        expression: 'max by (alertname, severity) (ALERTS{alertstate="firing", severity!="none"})',
        legend: "{{alertname}} ({{severity}})",
      },
    ],
    states: { 1: { text: "fires", color: COLOUR.critical } },
    none: "No alert fired",
  }),
  timeSeries({
    title: "Alerts in the record",
    description:
      "Alerts that fire according to Plumbline's own record, which the console shows. Unlike the table above for minutes: the webhook is lost.",
    unit: UNIT.count,
    width: 8,
    height: 7,
    queries: [{ expression: "max by (severity) (plumbline_alerts_firing)", legend: "{{severity}}" }],
  }),
  timeSeries({
    title: "Notifications taken",
    description:
      "Changes of alerts per minute by how they came: webhook, or reconciled when the webhook had missed them.",
    unit: UNIT.perMinute,
    width: 8,
    height: 7,
    queries: [
      { expression: `60 * ${perSecond("plumbline_alert_notifications_total", "source")}`, legend: "{{source}}" },
    ],
  }),
  stateTimeline({
    title: "Alertmanager and Watchdog",
    description:
      "Whether the alerts role reaches Alertmanager, and whether Watchdog, the alert that always fires, does. Without both no alert arrives.",
    unit: UNIT.number,
    width: 8,
    height: 7,
    queries: [
      { expression: "max(plumbline_alertmanager_up)", legend: "Alertmanager" },
      { expression: 'count(ALERTS{alertname="Watchdog", alertstate="firing"}) or vector(0)', legend: "Watchdog" },
    ],
    states: { 0: { text: "away", color: COLOUR.critical }, 1: { text: "well", color: COLOUR.good } },
    none: "no alerts role",
  }),
];

const applications = () => [
  tile({
    title: "Dead letters in this range",
    description: "Applications that became dead letters within the time range. `plumbline deadletters` lists them.",
    unit: UNIT.count,
    width: 4,
    height: 8,
    queries: [{ expression: "sum(increase(plumbline_dead_letters_total[$__range]))", legend: "dead letters" }],
    limits: [MARKS.anyTicket],
    none: "no scorer",
    decimals: 0,
  }),
  bars({
    title: "By reason in this range",
    description: "Poison stops no one else and is for an engineer; a rejection for cause is for who sent it.",
    unit: UNIT.count,
    width: 8,
    queries: [
      {
        expression: "sort_desc(sum by (reason) (increase(plumbline_dead_letters_total[$__range])))",
        legend: "{{reason}}",
      },
    ],
    none: "no scorer",
  }),
  timeSeries({
    title: "Dead letters by reason",
    description: "Applications per minute that can't be decided, by why.",
    unit: UNIT.perMinute,
    width: 12,
    queries: [{ expression: `60 * ${perSecond("plumbline_dead_letters_total", "reason")}`, legend: "{{reason}}" }],
    isStacked: true,
  }),
  timeSeries({
    title: "Share that become dead letters",
    description: "Of all applications. At the line it pages: commonly a sender has changed what it sends.",
    unit: UNIT.share,
    width: 12,
    queries: [
      {
        expression: share(perSecond("plumbline_dead_letters_total"), perSecond("plumbline_applications_total")),
        legend: "dead letters",
      },
    ],
    limits: [LIMITS.deadLetters],
  }),
  timeSeries({
    title: "Retries",
    description:
      "Per minute: applications handed back to the broker, and messages that it delivered again. They rise together in an outage.",
    unit: UNIT.perMinute,
    width: 12,
    queries: [
      {
        expression: `60 * ${perSecond('plumbline_applications_total{outcome="retried"}')}`,
        legend: "handed back",
      },
      { expression: `60 * ${perSecond("plumbline_redeliveries_total")}`, legend: "delivered again" },
    ],
    more: PAGES.pipeline,
  }),
];

const requests = () => [
  timeSeries({
    title: "API errors by route",
    description:
      "Requests per minute answered with 4xx or 5xx. One route alone is a client or a bug, all are a server.",
    unit: UNIT.perMinute,
    width: 12,
    queries: [
      {
        expression: `60 * label_replace(${perSecond('plumbline_http_requests_total{code=~"[45].."}', "code", "method", "route")}, "route", "(no route)", "route", "")`,
        legend: "{{code}} {{method}} {{route}}",
      },
    ],
    hasTable: true,
    more: PAGES.api,
  }),
  timeSeries({
    title: "Failed statements",
    description: "PostgreSQL's refusals per minute by role: outage is waited for, data is a row that it refuses.",
    unit: UNIT.perMinute,
    width: 12,
    queries: [
      {
        expression: `60 * ${perSecond("plumbline_postgres_errors_total", "role", "kind")}`,
        legend: "{{role}} · {{kind}}",
      },
    ],
    hasTable: true,
  }),
];
