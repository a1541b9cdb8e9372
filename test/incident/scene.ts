import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import { alertEvents } from "../support/notifications.ts";
import type { BedWithPostgres } from "../support/test-bed.ts";
import type { Monitors } from "./monitors.ts";
import { type PanelRecord, samplePanelsNow } from "./panels.ts";
import type { Transcript } from "./transcript.ts";

export const PATIENCE = { withinMs: 180_000, everyMs: 500 };
/** Until what happened is in Prometheus, with the shortest window of the panels. */
export const SCRAPED_MS = 3_000;
const QUIET_MS = 15_000;
/** Until Alertmanager would have told what is no longer held back. */
const AFTERWARDS_MS = 3_000;

export type Fault = {
  readonly name: string;
  readonly inflict: () => unknown;
  readonly repair: () => unknown;
  /** Alerts that must reach everybody, as `name severity`. */
  readonly told: readonly string[];
  /** Alerts that must fire and be held back by one of those. */
  readonly heldBack: readonly string[];
  /** What can't know of it before it is repaired. */
  readonly later?: "events" | "everything";
  /** Comes while alerts of the fault before it fire still. */
  readonly amid?: true;
};

export type Scene = {
  readonly bed: BedWithPostgres;
  readonly monitors: Monitors;
  readonly page: Page;
  readonly transcript: Transcript;
};

/** Inflicts a fault, sees its alerts through to everybody, mends it and sees them end. */
export async function happens(scene: Scene, fault: Fault, panels: PanelRecord): Promise<void> {
  const { monitors, transcript } = scene;
  const { note } = transcript;
  if (!fault.amid) await quiet(scene);
  const since = new Date();
  await fault.inflict();
  note(`FAULT  ${fault.name}`);
  for (const alert of [...fault.told, ...fault.heldBack]) {
    await eventually(
      `${alert} fires`,
      async () => (await states(monitors.evaluated())).get(alert) === "firing",
      PATIENCE,
    );
    note(`       ${alert} fires`);
  }
  for (const alert of fault.told) {
    await eventually(
      `${alert} is routed`,
      async () => (await states(monitors.routed())).get(alert) === "active",
      PATIENCE,
    );
  }
  for (const alert of fault.heldBack) {
    const isHeldBack = async () => (await states(monitors.routed())).get(alert) === "suppressed";
    await eventually(`${alert} is held back`, isHeldBack, PATIENCE);
    note(`       ${alert} is inhibited`);
  }
  const groups = await monitors.groups();
  const keys = groups.map(({ receiver, labels }) => JSON.stringify([receiver, labels]));
  expect(new Set(keys).size, "a group is told once").toBe(keys.length);
  for (const { alerts } of groups) expect(new Set(alerts).size, "a group is of one alert").toBe(1);
  if (fault.later !== "everything") await reach(scene, fault, since, "firing", fault.later !== "events");
  await samplePanelsNow(panels, fault.name, monitors.prometheusUrl);
  await scene.page.screenshot({ path: `test-artefacts/incident-${fault.name.replaceAll(/\W+/g, "-")}.png` });

  await fault.repair();
  note(`MENDED ${fault.name}`);
  await sleep(SCRAPED_MS);
  await samplePanelsNow(panels, `${fault.name}; just mended`, monitors.prometheusUrl);
  await reach(scene, fault, since, "resolved", true);
  await sleep(AFTERWARDS_MS);
  expect(await toldSince(scene.bed, fault.heldBack, since), "pages that only followed are told to nobody").toEqual([]);
  await samplePanelsNow(panels, `${fault.name}; mended`, monitors.prometheusUrl);
}

/** Those of the pages that reached the table. (A ticket may be told before the page that holds it back.) */
async function toldSince({ database }: BedWithPostgres, alerts: readonly string[], since: Date): Promise<string[]> {
  const { rows } = await database.query<{ alert: string }>(
    "select name || ' ' || severity as alert from public.alerts where severity = 'page' and updated_at > $1",
    [since],
  );
  return rows.map(({ alert }) => alert).filter((alert) => alerts.includes(alert));
}

/** Waits until what the fault raised has reached the table, the events and the console. */
async function reach(
  { bed, page, transcript }: Scene,
  { told }: Fault,
  since: Date,
  status: "firing" | "resolved",
  withEvents: boolean,
): Promise<void> {
  for (const alert of told) {
    const [name, severity] = alert.split(" ");
    const isStored = async () => {
      const { rowCount } = await bed.database
        .query("select from public.alerts where name = $1 and severity = $2 and status = $3 and updated_at > $4", [
          name,
          severity,
          status,
          since,
        ])
        .catch(() => ({ rowCount: 0 }));
      return (rowCount ?? 0) > 0;
    };
    await eventually(`${alert} ${status} is in the table`, isStored, PATIENCE);
    if (withEvents) {
      const isTold = async () =>
        (await alertEvents(bed).catch(() => [])).some(
          ({ subject, event, alert: one }) =>
            subject === `events.alert.${severity}` &&
            event === status &&
            one.name === name &&
            new Date(one.updated_at) > since,
        );
      await eventually(`${alert} ${status} is an event`, isTold, PATIENCE);
    }
    const row = page.locator(".alert-list tr", { hasText: name! }).first();
    await row.waitFor({ timeout: PATIENCE.withinMs });
    const shows = async () => ((await row.getAttribute("class")) ?? "").includes(status);
    await eventually(`${alert} ${status} is on the console`, shows, PATIENCE);
    transcript.note(`       ${alert} ${status}: in the table, ${withEvents ? "as an event, " : ""}on the console`);
  }
}

/** Waits until nothing but the Watchdog has fired for a while. */
export async function quiet({ monitors, transcript }: Scene): Promise<void> {
  let firing: string[] = [];
  let since = Date.now();
  await eventually(
    "all is quiet",
    async () => {
      firing = [...(await states(monitors.evaluated()))]
        .filter(([, state]) => state === "firing")
        .map(([alert]) => alert);
      if (firing.join() !== "Watchdog none") since = Date.now();
      return Date.now() - since > QUIET_MS;
    },
    { withinMs: 400_000, everyMs: 500 },
  ).catch((error: unknown) => {
    throw new Error(`not quiet: ${firing.join(", ")}`, { cause: error });
  });
  transcript.note("all is quiet: the Watchdog alone fires");
}

/** By `name severity`; of several the one that says most. */
async function states(alerts: ReturnType<Monitors["evaluated"]>): Promise<Map<string, string>> {
  const order = ["pending", "suppressed", "firing", "active"];
  const found = new Map<string, string>();
  for (const { labels, state } of await alerts.catch(() => [])) {
    const key = `${labels.alertname} ${labels.severity}`;
    if (order.indexOf(state) > order.indexOf(found.get(key) ?? "")) found.set(key, state);
  }
  return found;
}
