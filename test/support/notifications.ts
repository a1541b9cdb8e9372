import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { AlertEvent } from "../../src/contracts/alert.ts";
import { storedMessages } from "../../src/ingest/stored-messages.ts";
import { eventually } from "./eventually.ts";
import type { TestGateway } from "./gateway.ts";
import type { TestBed } from "./test-bed.ts";

/** An alert as Alertmanager's webhook tells of it. */
export type NotifiedAlert = {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
};

/** A made-up alert; times in milliseconds since 1970. It fires unless it has an end. */
export function notifiedAlert(
  name: string,
  { severity = "page", startsAt, endsAt }: { severity?: string; startsAt: number; endsAt?: number },
): NotifiedAlert {
  return {
    status: endsAt === undefined ? "firing" : "resolved",
    labels: { alertname: name, severity },
    annotations: {
      summary: `${name} fires`,
      description: "The figure is 1.",
      runbook_url: `docs/runbooks/${name}.md`,
      dashboard: "/d/plumbline-overview",
    },
    // With the nanoseconds that Go writes.
    startsAt: new Date(startsAt).toISOString().replace("Z", "456789Z"),
    endsAt: endsAt === undefined ? "0001-01-01T00:00:00Z" : new Date(endsAt).toISOString(),
    generatorURL: "",
    fingerprint: fingerprintOf(name),
  };
}

export function fingerprintOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}

/** The body of a webhook request. */
export function notification(...alerts: readonly NotifiedAlert[]): object {
  const isFiring = alerts.some(({ status }) => status === "firing");
  return {
    version: "4",
    groupKey: "{}:{}",
    truncatedAlerts: 0,
    status: isFiring ? "firing" : "resolved",
    receiver: "plumbline",
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "http://alertmanager.example.com",
    alerts,
  };
}

/** All events of alerts in EVENTS, in order, with their subjects. */
export async function alertEvents({ jsm }: TestBed): Promise<(AlertEvent & { readonly subject: string })[]> {
  const selection = { stream: "EVENTS", filter: "events.alert.*", headersOnly: false };
  const events = [];
  for await (const message of storedMessages(jsm, selection, new AbortController().signal)) {
    events.push({ subject: message.subject, ...message.json<AlertEvent>() });
  }
  return events;
}

/** Tells the gateway's webhook of alerts; fails unless it has stored them. */
export async function notify(gateway: TestGateway, ...told: readonly NotifiedAlert[]): Promise<void> {
  const response = await gateway.post("alertmanager", "/v1/alertmanager", notification(...told));
  expect({ status: response.status, body: await response.json() }).toEqual({
    status: 200,
    body: { alerts: told.length },
  });
}

/** The events of alerts of these names once there are so many, as `name event`. */
export async function toldOf(bed: TestBed, names: readonly string[], count: number): Promise<string[]> {
  const events = await eventually(
    "all events are there",
    async () => {
      const found = (await alertEvents(bed)).filter(({ alert }) => names.includes(alert.name));
      return found.length >= count && found;
    },
    { withinMs: 10_000 },
  );
  return events.map(({ event, alert }) => `${alert.name} ${event}`);
}
