import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../platform/errors.ts";
import type { Lifecycle } from "../platform/lifecycle.ts";
import type { Logger } from "../platform/log.ts";
import { makeFolder } from "../platform/make-folder.ts";
import { alertmanagerFolder, startAlertmanager } from "../platform/servers/alertmanager.ts";
import { stopLeftMonitor } from "../platform/servers/embedded-monitor.ts";
import { prometheusFolder, startPrometheus } from "../platform/servers/prometheus.ts";
import { type Environment, ROOT } from "./environment.ts";
import { keepRunning } from "./keep-running.ts";
import { localAlertmanager, localPrometheus } from "./observe-configuration.ts";
import { watchTargets, writeTargets } from "./scrape-targets.ts";
import { makeToken } from "./tokens.ts";

export type ObserveOptions = {
  readonly environment: Environment;
  /** Where Alertmanager reaches the gateway, without a slash at the end. */
  readonly gateway: string;
  readonly lifecycle: Lifecycle;
  readonly say: (line: string) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

const RULES = join(ROOT, "prometheus");
const TOKEN_LIFETIME_MS = 24 * 3_600_000;
/** Twice before one ends. */
const TOKEN_EVERY_MS = 8 * 3_600_000;
const PATIENCE_MS = 30_000;

/**
 * Starts Alertmanager and Prometheus on loopback, keeps them running, and has them watch every process that announces
 * itself in the home. Alertmanager tells the gateway, with a token made for it. Returns Alertmanager's address.
 */
export async function startObservers(options: ObserveOptions): Promise<string> {
  const { environment, gateway, lifecycle, say, log } = options;
  const home = environment.PLUMBLINE_HOME;

  const alertmanagerAt = await alertmanagerFolder(home);
  lifecycle.onStop("Alertmanager's token", await keepToken(join(alertmanagerAt, "token"), options));
  const routes = localAlertmanager(await readFile(join(RULES, "alertmanager.yml"), "utf8"), RULES, gateway);
  const startTheOne = (port: number) => startAlertmanager({ home, log, config: routes, ...(port > 0 && { port }) });
  const alertmanager = await keepRunning("Alertmanager", startTheOne, 0, lifecycle, log);
  say(`alerting    ${alertmanager.url} (Alertmanager)`);

  const folder = await prometheusFolder(home);
  await makeFolder(join(folder, "alertmanagers"));
  const host = new URL(alertmanager.url).host;
  await writeTargets(join(folder, "alertmanagers/alertmanager.json"), [{ targets: [host], labels: {} }]);
  lifecycle.onStop("scrape targets", await watchTargets(home, join(folder, "targets"), log));
  const config = localPrometheus(await readFile(join(RULES, "prometheus.yml"), "utf8"), RULES);
  const startTheOther = (port: number) => startPrometheus({ home, log, config, ...(port > 0 && { port }) });
  const prometheus = await keepRunning("Prometheus", startTheOther, 0, lifecycle, log);
  say(`metrics     ${prometheus.url} (Prometheus)`);
  return alertmanager.url;
}

/** Stops those that an `up --observe` has left over that was killed, for one that wants none. */
export async function stopLeftObservers(home: string, log: Logger): Promise<void> {
  await stopLeftMonitor("prometheus", home, log);
  await stopLeftMonitor("alertmanager", home, log);
}

/** Keeps a good token of Alertmanager's role in a file, which Alertmanager reads whenever it sends; returns how to stop. */
async function keepToken(file: string, { environment, log, signal }: ObserveOptions): Promise<() => void> {
  const command = { name: "up", environment, giveUpAfterMs: PATIENCE_MS, signal };
  async function renew(): Promise<void> {
    const wanted = { name: "alertmanager", role: "alertmanager", lifetimeMs: TOKEN_LIFETIME_MS } as const;
    const { token } = await makeToken(command, wanted);
    await writeFile(`${file}.new`, token, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  await renew();
  const complain = (error: unknown) => log.error({ error: messageOf(error) }, "could not renew Alertmanager's token");
  const timer = setInterval(() => void renew().catch(complain), TOKEN_EVERY_MS);
  return () => clearInterval(timer);
}
