/**
 * The metrics that Plumbline's processes serve, besides Node's own (`process_*`, `nodejs_*`). The code that makes them is
 * compared with this list, and so are the alert rules and the dashboards; docs/metrics.md is made from it.
 */
export type CataloguedMetric = {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** In the order in which the code names them. Never an application or an applicant: label values are bounded. */
  readonly labels: readonly string[];
  readonly roles: readonly MetricRole[];
  /** What it is looked at for. */
  readonly answers: string;
};

const EVERY_ROLE = ["scorer", "drift", "gateway", "alerts"] as const;
type MetricRole = (typeof EVERY_ROLE)[number];
const SCORER = ["scorer"] as const;
const DRIFT = ["drift"] as const;
const GATEWAY = ["gateway"] as const;
const ALERTS = ["alerts"] as const;

type Entry = readonly [name: string, labels: readonly string[], answers: string];

export const METRIC_CATALOGUE: readonly CataloguedMetric[] = [
  ...gauges(EVERY_ROLE, [
    ["heartbeat_timestamp_seconds", ["role"], "a stalled role"],
    ["ready", ["role"], "a role that waits"],
    ["nats_connected", ["role"], "dependencies"],
  ]),
  ...counters(EVERY_ROLE, [
    ["nats_reconnects_total", ["role"], "dependencies"],
    ["postgres_errors_total", ["role", "kind"], "dependencies"],
  ]),
  ...counters(SCORER, [
    ["applications_total", ["outcome"], "is work done"],
    ["redeliveries_total", [], "poison, faults"],
    ["dead_letters_total", ["reason"], "poison, faults"],
    ["decisions_total", ["channel", "decision", "model", "version"], "approvals"],
    ["feature_missing_total", ["feature"], "data quality"],
    ["feature_out_of_range_total", ["feature"], "data quality"],
    ["feature_unseen_total", ["feature"], "data quality"],
  ]),
  ...histograms(SCORER, [
    ["end_to_end_seconds", [], "the latency objective"],
    ["stage_seconds", ["stage"], "where the time goes"],
    ["batch_applications", [], "batching under load"],
    ["score", ["model", "version", "rollout"], "outputs"],
  ]),
  ...gauges(SCORER, [
    ["inflight_applications", [], "saturation"],
    ["model_info", ["model", "version", "sha256", "rollout"], "what is live where"],
    ["reference_approval_rate", ["model", "version"], "what to compare decisions with"],
  ]),
  ...gauges(
    ["scorer", "drift"],
    [
      ["consumer_pending", ["stream", "consumer"], "backlog"],
      ["consumer_ack_pending", ["stream", "consumer"], "saturation"],
    ],
  ),
  ...gauges(DRIFT, [
    ["drift_feature_psi", ["model", "feature"], "per-feature drift"],
    ["drift_feature_drifted", ["model", "feature"], "per-feature drift"],
    ["drift_score", ["model"], "the verdict"],
    ["drift_drifted_feature_ratio", ["model"], "the verdict"],
    ["drift_score_psi", ["model"], "the verdict"],
    ["drift_approval_rate_delta", ["model"], "the verdict"],
    ["drift_window_applications", ["model"], "is the verdict to be trusted"],
    ["drift_last_report_timestamp_seconds", ["model"], "is the verdict to be trusted"],
  ]),
  ...counters(DRIFT, [["drift_late_applications_total", ["model"], "is the verdict to be trusted"]]),
  ...counters(GATEWAY, [
    ["http_requests_total", ["route", "method", "code"], "the API's rate and errors"],
    ["ws_messages_total", [], "fan-out"],
    ["ws_closed_total", ["reason"], "fan-out"],
    ["web_exceptions_total", [], "real users of the console"],
    ["faro_requests_total", ["outcome"], "real users of the console"],
  ]),
  ...histograms(GATEWAY, [
    ["http_request_seconds", ["route", "method", "code"], "the API's durations"],
    ["web_vital_seconds", ["name"], "real users of the console"],
    ["web_vital_cls", [], "real users of the console"],
  ]),
  ...gauges(GATEWAY, [["ws_clients", [], "fan-out"]]),
  ...counters(["gateway", "alerts"], [["alert_notifications_total", ["source"], "do alerts arrive"]]),
  ...gauges(ALERTS, [
    ["alertmanager_up", [], "do alerts arrive"],
    ["alerts_firing", ["severity"], "what is wrong now"],
    ["stream_messages", ["stream"], "backlog, also when no scorer runs"],
    ["stream_bytes", ["stream"], "room in the streams"],
    ["stream_max_bytes", ["stream"], "room in the streams"],
    ["stream_full_ratio", ["stream"], "room in the streams"],
    ["postgres_size_bytes", [], "room in the database"],
    ["postgres_connections", [], "saturation"],
    ["postgres_max_connections", [], "saturation"],
    ["disk_free_bytes", ["role"], "room on the disk"],
    ["disk_size_bytes", ["role"], "room on the disk"],
    ["retention_last_success_timestamp_seconds", [], "is old data deleted"],
  ]),
  ...counters(ALERTS, [["retention_deleted_total", ["relation"], "is old data deleted"]]),
];

function metrics(type: CataloguedMetric["type"], roles: readonly MetricRole[], entries: readonly Entry[]) {
  return entries.map(([name, labels, answers]) => ({ name: `plumbline_${name}`, type, labels, roles, answers }));
}

function counters(roles: readonly MetricRole[], entries: readonly Entry[]): readonly CataloguedMetric[] {
  return metrics("counter", roles, entries);
}

function gauges(roles: readonly MetricRole[], entries: readonly Entry[]): readonly CataloguedMetric[] {
  return metrics("gauge", roles, entries);
}

function histograms(roles: readonly MetricRole[], entries: readonly Entry[]): readonly CataloguedMetric[] {
  return metrics("histogram", roles, entries);
}
