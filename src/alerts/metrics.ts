import { Counter, Gauge, type Registry } from "prom-client";
import { ALERT_SEVERITIES, type AlertSeverity } from "../contracts/alert.ts";

export type ReconciliationMetrics = {
  /** Whether Alertmanager answered. */
  answered(isUp: boolean): void;
  /** So many alerts were stored whose notification never came. */
  stored(alerts: number): void;
};

/** Where Alertmanager isn't asked these aren't there: a zero would say that it is down. */
export function createReconciliationMetrics(registry: Registry): ReconciliationMetrics {
  const up = new Gauge({
    name: "plumbline_alertmanager_up",
    help: "1 when Alertmanager answered the last time it was asked.",
    registers: [registry],
  });
  const notifications = notificationCounter(registry);
  notifications.inc({ source: "reconciled" }, 0);
  return {
    answered: (isUp) => up.set(isUp ? 1 : 0),
    stored: (alerts) => notifications.inc({ source: "reconciled" }, alerts),
  };
}

/** Alerts that Alertmanager told of, repetitions included; returns what counts them. */
export function countNotifications(registry: Registry): (alerts: number) => void {
  const notifications = notificationCounter(registry);
  notifications.inc({ source: "webhook" }, 0);
  return (alerts) => notifications.inc({ source: "webhook" }, alerts);
}

function notificationCounter(registry: Registry): Counter<"source"> {
  return new Counter({
    name: "plumbline_alert_notifications_total",
    help: "Alerts that were told of: by Alertmanager's webhook, or found by asking it because they never came that way.",
    labelNames: ["source"],
    registers: [registry],
  });
}

/** How many alerts fire; returns what sets it. */
export function showFiring(registry: Registry): (counts: Readonly<Record<AlertSeverity, number>>) => void {
  const firing = new Gauge({
    name: "plumbline_alerts_firing",
    help: "Alerts that fire.",
    labelNames: ["severity"],
    registers: [registry],
  });
  return (counts) => {
    for (const severity of ALERT_SEVERITIES) firing.set({ severity }, counts[severity]);
  };
}
