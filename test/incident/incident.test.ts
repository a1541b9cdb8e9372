import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { goTo, openBrowser, openConsole } from "../support/browser.ts";
import { thatFailsScoring } from "../support/entry-scripts.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { alertEvents } from "../support/notifications.ts";
import { type BedWithPostgres, createBedWithPostgres } from "../support/test-bed.ts";
import { FASTER, type Monitors, startMonitors } from "./monitors.ts";
import { type PanelRecord, panelLines, panelTable, samplePanelsNow } from "./panels.ts";
import { POISONOUS_AMOUNT, startTraffic, type Traffic } from "./traffic.ts";
import { startTranscript, type Transcript } from "./transcript.ts";

const SETTINGS = { DRIFT_WINDOW: "15s", DRIFT_LATENESS: "1s", DRIFT_MIN_SAMPLES: "300", LOG_LEVEL: "warn" };
const PATIENCE = { withinMs: 180_000, everyMs: 500 };
const QUIET_MS = 75_000;

type Fault = {
  readonly name: string;
  readonly inflict: () => unknown;
  readonly repair: () => unknown;
  /** Alerts that must reach everybody, as `name severity`. */
  readonly told: readonly string[];
  /** Alerts that must fire and be held back by one of those. */
  readonly heldBack: readonly string[];
  /** What can't know of it before it is repaired. */
  readonly later?: "events" | "everything";
};

test("each fault raises its alerts, which are grouped and inhibited, reach table, event and console, and resolve", async () => {
  const transcript = startTranscript();
  const bed = await createBedWithPostgres(SETTINGS);
  const startScorers = async () => {
    const scorers = [1, 2].map(() => bed.startScorer({}, thatFailsScoring(POISONOUS_AMOUNT)));
    await Promise.all(scorers.map((scorer) => scorer.ready()));
    return scorers;
  };
  let scorers = await startScorers();
  await bed.startDrift().ready();
  const gateway = await startGateway(bed);
  const monitors = await startMonitors(bed, gateway);
  const reconciled = { ALERTS_ALERTMANAGER_URL: monitors.alertmanagerUrl, ALERTS_RECONCILE_EVERY: "1s" };
  await bed.startAlerts(reconciled).ready();
  const traffic = startTraffic(bed, gateway);
  const page = await openAlerts(gateway);
  const panels: PanelRecord = new Map();
  const scene: Scene = { bed, monitors, page, transcript };

  transcript.note(
    `2 scorers, drift, gateway, alerts, Prometheus and Alertmanager run; windows and waits are ${FASTER} times shorter`,
  );
  await quiet(scene);
  await samplePanelsNow(panels, "quiet", monitors.prometheusUrl);

  for (const fault of faultsOf()) await happens(scene, fault, panels);
  await traffic.stop();
  const lines = panelLines(panels);
  await transcript.write(panelTable(lines));

  expect(
    lines.filter(({ faults }) => faults.length > 0),
    "every sample is finite",
  ).toEqual([]);
  const silent = lines.filter(({ before, during }) => before.series === 0 && during.series === 0);
  expect(
    silent.map(({ dashboard, panel }) => `${dashboard}: ${panel}`),
    "every panel shows something",
  ).toEqual([]);
  expect(lines.filter(({ moved }) => !moved).map(({ dashboard, panel }) => `${dashboard}: ${panel}`)).toEqual([]);
  await bed.stopScorers();

  function faultsOf(): Fault[] {
    return [
      {
        name: "both scorers are killed",
        inflict: () => scorers.map((scorer) => scorer.signal("SIGKILL")),
        async repair() {
          scorers = await startScorers();
        },
        told: ["RoleAbsent page"],
        heldBack: ["ScoringStalled page"],
      },
      {
        name: "the broker is killed",
        inflict: () => bed.broker.kill(),
        repair: () => bed.broker.restart(),
        told: ["NatsDisconnected page"],
        heldBack: ["HighApiErrorRate page"],
        later: "events",
      },
      {
        name: "PostgreSQL is stopped",
        inflict: () => bed.postgres.stopImmediately(),
        repair: () => bed.postgres.restart(),
        told: ["DatabaseErrors page"],
        heldBack: ["ScoringStalled page", "HighApiErrorRate page"],
        later: "everything",
      },
      {
        name: "other applicants come",
        inflict: () => change(traffic, { population: "shifted" }),
        repair: () => change(traffic, { population: "usual" }),
        told: ["DataDriftCritical page", "ScoreDrift ticket", "ApprovalRateShift ticket"],
        heldBack: ["DataDriftWarning ticket", "DriftedFeatures ticket", "FeatureDrift ticket"],
      },
      // The last one: the budget's slowest alerts fire for a quarter of an hour after it.
      {
        name: "a tenth is poison, a tenth malformed",
        inflict: () => change(traffic, { poison: 0.1, malformed: 0.1 }),
        repair: () => change(traffic, { poison: 0, malformed: 0 }),
        told: ["DeadLetters page", "ErrorBudgetBurn page"],
        heldBack: ["DeadLetters ticket"],
      },
    ];
  }
});

type Scene = {
  readonly bed: BedWithPostgres;
  readonly monitors: Monitors;
  readonly page: Page;
  readonly transcript: Transcript;
};

function change(traffic: Traffic, to: Partial<Traffic>): void {
  Object.assign(traffic, to);
}

async function happens(scene: Scene, fault: Fault, panels: PanelRecord): Promise<void> {
  const { monitors, transcript } = scene;
  const { note } = transcript;
  await quiet(scene);
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
  await reach(scene, fault, since, "resolved", true);
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
async function quiet({ monitors, transcript }: Scene): Promise<void> {
  let firing: string[] = [];
  let since = Date.now();
  await eventually(
    "all is quiet",
    async () => {
      firing = [...(await states(monitors.evaluated()))]
        .filter(([, state]) => state === "firing")
        .map(([alert]) => alert);
      if (firing.join() !== "Watchdog none") since = Date.now();
      return Date.now() - since > QUIET_MS / 5;
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

/** The console's list of alerts, and a page with telemetry that has come and gone. */
async function openAlerts(gateway: TestGateway): Promise<Page> {
  const browser = await openBrowser();
  const { token } = await gateway.token("viewer");
  const visitor = await openConsole(browser, gateway.url, token, { consent: "given" });
  await visitor.page.getByText("Latest decisions").first().waitFor();
  await visitor.page.evaluate("setTimeout(() => { throw new Error('made up for the run') })");
  await visitor.page.goto("about:blank");
  const { page } = await openConsole(browser, gateway.url, token, { consent: "refused" });
  await goTo(page, "#/alerts");
  return page;
}
