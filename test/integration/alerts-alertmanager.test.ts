import { expect, onTestFinished, test } from "vitest";
import type { Alert } from "../../src/contracts/alert.ts";
import { createLogger } from "../../src/platform/log.ts";
import { startAlertmanager } from "../../src/platform/servers/alertmanager.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { alertEvents } from "../support/notifications.ts";
import type { ScorerProcess } from "../support/scorer-process.ts";
import { createBedWithPostgres, type TestBed } from "../support/test-bed.ts";

const SOON = { withinMs: 20_000 };
/** Four rounds until a notification counts as missing, twelve until an alert counts as gone. */
const RECONCILE = { ALERTS_RECONCILE_EVERY: "100ms" };

test("alerts of a real Alertmanager are stored and told once, whatever was away", async () => {
  const bed = await createBedWithPostgres();
  let role = bed.startAlerts();
  let [gateway] = await Promise.all([startGateway(bed), role.ready()]);
  const { token } = await gateway.token("alertmanager");
  const start = (port?: number) =>
    startAlertmanager({
      home: bed.home,
      ...(port !== undefined && { port }),
      config: configuration(`${gateway.url}/v1/alertmanager`, token),
      log: createLogger("silent", "test"),
    });
  let alertmanager = await start();
  onTestFinished(() => alertmanager.stop());
  const { url } = alertmanager;
  const startsAt = new Date(Date.now() - 60_000).toISOString();

  await post(url, { name: "First", startsAt });
  await untilTold(bed, ["First firing"]);
  expect(await list(gateway)).toMatchObject([
    { name: "First", status: "firing", source: "webhook", starts_at: startsAt },
  ]);

  // The database is away: Alertmanager is told so and tries again.
  await bed.postgres.stopImmediately();
  await post(url, { name: "Second", startsAt });
  await eventually("the webhook fails", async () => (await failures(url)) > 0, SOON);
  await bed.postgres.restart();
  await untilTold(bed, ["First firing", "Second firing"]);
  expect((await list(gateway)).map(({ name, source }) => `${name} ${source}`).sort()).toEqual([
    "First webhook",
    "Second webhook",
  ]);

  // The gateway is away: what happened meanwhile is found by asking.
  await Promise.all([gateway.process.stop(), role.stop()]);
  role = bed.startAlerts({ ...RECONCILE, ALERTS_ALERTMANAGER_URL: url });
  await role.ready();
  await post(url, { name: "Third", startsAt });
  await post(url, { name: "First", startsAt, endsAt: new Date().toISOString() });
  await untilTold(bed, ["First firing", "First resolved", "Second firing", "Third firing"]);
  const metrics = await role.metrics();
  expect(metrics).toMatch(/^plumbline_alert_notifications_total\{source="reconciled"\} 1$/m);
  expect(metrics).toMatch(/^plumbline_alertmanager_up 1$/m);
  gateway = await startGateway(bed, { PLUMBLINE_PORT: new URL(gateway.url).port });
  await eventually("Alertmanager tells what it couldn't", () => hasNotified(gateway.process, 2), SOON);
  expect((await list(gateway)).map(({ name, status, source }) => `${name} ${status} ${source}`).sort()).toEqual([
    "First resolved webhook",
    "Second firing webhook",
    "Third firing reconciled",
  ]);

  // Alertmanager comes back knowing nothing, and hears of one of the two again.
  await alertmanager.stop();
  await eventually("that is seen", async () => /^plumbline_alertmanager_up 0$/m.test(await role.metrics()), SOON);
  alertmanager = await start(Number(new URL(url).port));
  expect((await list(gateway)).filter(({ status }) => status === "firing")).toHaveLength(2);
  await post(url, { name: "Third", startsAt });
  const atLast = ["First firing", "First resolved", "Second firing", "Second resolved", "Third firing"];
  await untilTold(bed, atLast);

  // It had not ended after all: the notification alone looks like a late one, Alertmanager's answer doesn't.
  await post(url, { name: "Second", startsAt });
  await untilTold(bed, [...atLast, "Second firing"]);
  const again = (await list(gateway)).filter(({ name }) => name === "Second");
  expect(again.map(({ status, source }) => `${status} ${source}`)).toEqual(["firing reconciled", "resolved webhook"]);
  await post(url, { name: "Second", startsAt, endsAt: new Date(Date.now() + 50).toISOString() });
  await untilTold(bed, [...atLast, "Second firing", "Second resolved"]);
}, 120_000);

function configuration(webhook: string, token: string): string {
  return JSON.stringify({
    route: { receiver: "plumbline", group_by: ["..."], group_wait: "0s", group_interval: "1s", repeat_interval: "1h" },
    receivers: [
      {
        name: "plumbline",
        webhook_configs: [{ url: webhook, http_config: { authorization: { credentials: token } } }],
      },
    ],
  });
}

/** As Prometheus does it. */
async function post(url: string, alert: { name: string; startsAt: string; endsAt?: string }): Promise<void> {
  const { name, ...times } = alert;
  const labels = { alertname: name, severity: "page" };
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ labels, annotations: { summary: `${name} fires` }, ...times }]),
  });
  expect(response.status).toBe(200);
}

async function failures(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^alertmanager_notification_requests_failed_total\{integration="webhook"\} (\d+)$/m.exec(metrics)?.[1]);
}

async function list(gateway: TestGateway): Promise<Alert[]> {
  const response = await gateway.ask("viewer", "/v1/alerts");
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: Alert[] }).items;
}

async function hasNotified(process: ScorerProcess, alerts: number): Promise<boolean> {
  const counted = /^plumbline_alert_notifications_total\{source="webhook"\} (\d+)$/m.exec(await process.metrics())?.[1];
  return Number(counted) >= alerts;
}

/** Waits until so many events are there; they must be these, in any order. */
async function untilTold(bed: TestBed, expected: readonly string[]): Promise<void> {
  const told = async () => (await alertEvents(bed)).map(({ event, alert }) => `${alert.name} ${event}`);
  await eventually(`${expected.join(", ")} are told`, async () => (await told()).length >= expected.length, SOON);
  expect((await told()).sort()).toEqual([...expected].sort());
}
