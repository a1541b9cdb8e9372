import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { expect, test } from "vitest";
import { goTo, openBrowser, openConsole } from "../support/browser.ts";
import { thatFailsScoring } from "../support/entry-scripts.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { type BedWithPostgres, createBedWithPostgres } from "../support/test-bed.ts";
import { faultsOf } from "./faults.ts";
import { FASTER, startMonitors } from "./monitors.ts";
import { type PanelRecord, panelLines, panelTable, samplePanelsNow } from "./panels.ts";
import { happens, PATIENCE, quiet, SCRAPED_MS, type Scene } from "./scene.ts";
import { POISONOUS_AMOUNT, startTraffic } from "./traffic.ts";
import { startTranscript } from "./transcript.ts";

const SETTINGS = {
  DRIFT_WINDOW: "15s",
  DRIFT_LATENESS: "1s",
  DRIFT_MIN_SAMPLES: "300",
  ACK_WAIT: "3s",
  LOG_LEVEL: "warn",
};
/** Observations that the drift consumer has not been given, as it reports. */
const WAITING = /^plumbline_consumer_pending\{.*consumer="drift".*\} (\d+)$/m;

test("each fault raises its alerts, which are grouped and inhibited, reach table, event and console, and resolve", async () => {
  const transcript = startTranscript();
  const bed = await createBedWithPostgres(SETTINGS);
  const startScorer = async (environment = {}) => {
    const scorer = bed.startScorer(environment, thatFailsScoring(POISONOUS_AMOUNT));
    await scorer.ready();
    return scorer;
  };
  const scorers = await Promise.all([startScorer(), startScorer()]);
  const drift = bed.startDrift();
  await drift.ready();
  const gateway = await startGateway(bed);
  const monitors = await startMonitors(bed, gateway);
  const reconciled = { ALERTS_ALERTMANAGER_URL: monitors.alertmanagerUrl, ALERTS_RECONCILE_EVERY: "1s" };
  let alerts = bed.startAlerts(reconciled);
  await alerts.ready();
  const traffic = startTraffic(bed, gateway);
  const browser = await openBrowser();
  const page = await openAlerts(browser, gateway);
  const panels: PanelRecord = new Map();
  const scene: Scene = { bed, monitors, page, transcript };

  transcript.note(
    `2 scorers, drift, gateway, alerts, Prometheus and Alertmanager run; windows and waits are ${FASTER} times shorter`,
  );
  await quiet(scene);
  await samplePanelsNow(panels, "quiet", monitors.prometheusUrl);

  const cast = { bed, traffic, drift, scorers, startScorer };
  for (const fault of faultsOf(cast)) await happens(scene, fault, panels);
  await lesserOnes();
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
  // It would take Prometheus' own end, and with it all panels.
  const still = lines.filter(({ moved, expression }) => !moved && !expression.includes("Watchdog"));
  expect(
    still.map(({ dashboard, panel }) => `${dashboard}: ${panel}`),
    "every panel moves",
  ).toEqual([]);
  await bed.stopScorers();

  /** What no alert of ours can tell, or needs to. */
  async function lesserOnes(): Promise<void> {
    await withDriftHeldUp(bed, async () => {
      const waits = async () => Number((await drift.metrics()).match(WAITING)?.[1]) > 0;
      await eventually("observations wait", waits, PATIENCE);
      await sleep(SCRAPED_MS);
      await samplePanelsNow(panels, "drift's tables are locked", monitors.prometheusUrl);
    });
    transcript.note("somebody locked the tables of the drift consumer: observations waited");

    const startAlertmanager = await monitors.withoutAlertmanager();
    const isMissed = async () => /^plumbline_alertmanager_up 0$/m.test(await alerts.metrics());
    await eventually("Alertmanager is missed", isMissed, PATIENCE);
    await sleep(SCRAPED_MS);
    await samplePanelsNow(panels, "Alertmanager is stopped", monitors.prometheusUrl);
    await startAlertmanager();
    transcript.note("Alertmanager was stopped: the alerts role says so, and it is back");

    await visit(browser, gateway);
    await sleep(SCRAPED_MS);
    await samplePanelsNow(panels, "a browser with a fault comes and goes", monitors.prometheusUrl);
    transcript.note("a browser with a fault came and went");

    await alerts.stop();
    await bed.database.query(
      `insert into public.api_usage select now() - make_interval(days => 100, mins => n), '/v1/me', 'GET', 200, '', 1, 1
       from generate_series(1, 400000) as n`,
    );
    alerts = bed.startAlerts(reconciled);
    await alerts.ready();
    // The new process is found, scraped twice, and still at it.
    await sleep(3 * SCRAPED_MS);
    await samplePanelsNow(panels, "old rows are deleted", monitors.prometheusUrl);
    transcript.note("old rows were deleted");
  }
});

/** As a migration does that takes its time. */
async function withDriftHeldUp(bed: BedWithPostgres, meanwhile: () => Promise<void>): Promise<void> {
  const client = await bed.database.connect();
  try {
    await client.query("begin; lock table plumbline.drift_progress in access exclusive mode");
    await meanwhile();
  } finally {
    await client.query("rollback");
    client.release();
  }
}

/** The console's list of alerts. */
async function openAlerts(browser: Browser, gateway: TestGateway): Promise<Page> {
  const { token } = await gateway.token("viewer");
  const { page } = await openConsole(browser, gateway.url, token, { consent: "refused" });
  await goTo(page, "#/alerts");
  return page;
}

/** A page with telemetry and a fault of its own, which says so when it is left. */
async function visit(browser: Browser, gateway: TestGateway): Promise<void> {
  const { token } = await gateway.token("viewer");
  const { page } = await openConsole(browser, gateway.url, token, { consent: "given" });
  await page.getByText("Latest decisions").first().waitFor();
  await page.evaluate("setTimeout(() => { throw new Error('made up for the run') })");
  await sleep(1_000);
  await page.goto("about:blank");
  await page.close();
}
