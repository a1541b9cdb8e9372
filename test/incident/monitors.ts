import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { scaleRules } from "../../scripts/scale-rules.ts";
import { localAlertmanager, localPrometheus } from "../../src/app/observe-configuration.ts";
import { watchTargets, writeTargets } from "../../src/app/scrape-targets.ts";
import { createLogger } from "../../src/platform/log.ts";
import { alertmanagerFolder, startAlertmanager } from "../../src/platform/servers/alertmanager.ts";
import { prometheusFolder, startPrometheus } from "../../src/platform/servers/prometheus.ts";
import type { TestGateway } from "../support/gateway.ts";
import { PROMETHEUS, yamlFiles } from "../support/rule-files.ts";
import type { TestBed } from "../support/test-bed.ts";

/** What takes half an hour takes a minute. */
export const FASTER = 30;

type Labels = Readonly<Record<string, string>>;
/** As Prometheus and Alertmanager see an alert; `suppressed` is inhibited. */
type SeenAlert = { readonly labels: Labels; readonly state: "pending" | "firing" | "active" | "suppressed" };
/** What Alertmanager tells together. */
type AlertGroup = { readonly labels: Labels; readonly receiver: string; readonly alerts: readonly string[] };

export type Monitors = {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  /** Of the rules. */
  evaluated(): Promise<SeenAlert[]>;
  /** What Alertmanager has of them. */
  routed(): Promise<SeenAlert[]>;
  groups(): Promise<AlertGroup[]>;
  /** Stops Alertmanager; returns what starts it again where it was. */
  withoutAlertmanager(): Promise<() => Promise<void>>;
};

const log = createLogger("silent", "incident");

/** Starts a Prometheus and an Alertmanager on the shipped files, with every window and wait shortened, watching the bed. */
export async function startMonitors(bed: TestBed, gateway: TestGateway): Promise<Monitors> {
  const { home } = bed;
  const alertmanagerAt = await alertmanagerFolder(home);
  await writeFile(join(alertmanagerAt, "token"), (await gateway.token("alertmanager")).token);
  const routes = scaleRules(await readFile(join(PROMETHEUS, "alertmanager.yml"), "utf8"), FASTER);
  const config = localAlertmanager(routes, PROMETHEUS, gateway.url);
  let alertmanager = await startAlertmanager({ home, log, config });
  onTestFinished(() => alertmanager.stop());
  const { url } = alertmanager;

  const folder = await prometheusFolder(home);
  await mkdir(join(folder, "rules"), { recursive: true });
  await mkdir(join(folder, "alertmanagers"), { recursive: true });
  for (const [index, file] of yamlFiles("rules").entries()) {
    await writeFile(join(folder, `rules/${index}.yml`), scaleRules(await readFile(file, "utf8"), FASTER));
  }
  const host = new URL(url).host;
  await writeTargets(join(folder, "alertmanagers/alertmanager.json"), [{ targets: [host], labels: {} }]);
  const stopWatching = await watchTargets(home, join(folder, "targets"), log);
  onTestFinished(stopWatching);
  const shipped = await readFile(join(PROMETHEUS, "prometheus.yml"), "utf8");
  const watched = localPrometheus(shipped, folder).replaceAll(
    /(scrape_interval|scrape_timeout|evaluation_interval): 5s/g,
    "$1: 1s",
  );
  const prometheus = await startPrometheus({ home, log, config: watched });
  onTestFinished(() => prometheus.stop());
  if ((await readdir(join(folder, "rules"))).length === 0) throw new Error("there are no rules");

  const json = async <T>(url: string) => (await (await fetch(url)).json()) as T;
  return {
    prometheusUrl: prometheus.url,
    alertmanagerUrl: url,
    async evaluated() {
      type Answer = { data: { alerts: { labels: Labels; state: "pending" | "firing" }[] } };
      return (await json<Answer>(`${prometheus.url}/api/v1/alerts`)).data.alerts;
    },
    async routed() {
      type Answer = { labels: Labels; status: { state: "active" | "suppressed" } }[];
      const alerts = await json<Answer>(`${url}/api/v2/alerts`);
      return alerts.map(({ labels, status }) => ({ labels, state: status.state }));
    },
    async groups() {
      type Answer = { labels: Labels; receiver: { name: string }; alerts: { labels: Labels }[] }[];
      const groups = await json<Answer>(`${url}/api/v2/alerts/groups`);
      return groups.map(({ labels, receiver, alerts }) => ({
        labels,
        receiver: receiver.name,
        alerts: alerts.map((alert) => alert.labels.alertname ?? ""),
      }));
    },
    async withoutAlertmanager() {
      await alertmanager.stop();
      return async () => {
        alertmanager = await startAlertmanager({ home, log, config, port: Number(new URL(url).port) });
      };
    },
  };
}
