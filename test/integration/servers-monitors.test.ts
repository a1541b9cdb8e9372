import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stopLeftObservers } from "../../src/app/observe.ts";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { startAlertmanager } from "../../src/platform/servers/alertmanager.ts";
import type { EmbeddedMonitor } from "../../src/platform/servers/embedded-monitor.ts";
import { identifyProcess } from "../../src/platform/servers/process-identity.ts";
import { prometheusFolder, startPrometheus } from "../../src/platform/servers/prometheus.ts";
import { eventually } from "../support/eventually.ts";

const log = createLogger("silent", "test");
const RECEIVES_NOTHING = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";
const SECONDLY = "global: {scrape_interval: 1s, evaluation_interval: 1s}\n";
let home: string;
let undo: (() => unknown)[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-monitors-"));
  undo = [() => rm(home, { recursive: true, force: true })];
});

afterEach(async () => {
  for (const step of undo.reverse()) await step();
});

async function started(starting: Promise<EmbeddedMonitor>): Promise<EmbeddedMonitor> {
  const server = await starting;
  undo.push(() => server.stop());
  return server;
}

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

/** Starts both from a process of its own, and kills that with everything in its process group. */
async function startAndCrash(): Promise<{ pid: number; port: number }[]> {
  const source = (file: string) => JSON.stringify(new URL(`../../src/platform/${file}`, import.meta.url).href);
  const code = `
    import { startPrometheus } from ${source("servers/prometheus.ts")};
    import { startAlertmanager } from ${source("servers/alertmanager.ts")};
    import { createLogger } from ${source("log.ts")};
    const [home, prometheus, alertmanager] = process.argv.slice(1);
    const log = createLogger("silent", "test");
    const servers = [await startPrometheus({ home, log, config: prometheus }), await startAlertmanager({ home, log, config: alertmanager })];
    console.log(JSON.stringify(servers.map(({ pid, port }) => ({ pid, port }))));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, home, SECONDLY, RECEIVES_NOTHING], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  process.kill(-child.pid!, "SIGKILL");
  await once(child, "exit");
  return JSON.parse(line.toString());
}

test("Prometheus and Alertmanager start on loopback, are adopted when their starter was killed, and stop", async () => {
  const left = await startAndCrash();
  const adopted = await Promise.all([
    started(startPrometheus({ home, log, config: SECONDLY })),
    started(startAlertmanager({ home, log, config: RECEIVES_NOTHING })),
  ]);
  expect(adopted).toMatchObject(left.map((server) => ({ ...server, adopted: true })));
  for (const server of adopted) {
    await server.stop();
    expect(identifyProcess(server.pid)).toBe(undefined);
  }
  const again = await started(startPrometheus({ home, log, config: SECONDLY }));
  expect(again).toMatchObject({ adopted: false, port: left[0]!.port });
});

test("those that a killed starter left over are stopped by one who wants none", async () => {
  const left = await startAndCrash();
  await stopLeftObservers(home, log);
  expect(left.map(({ pid }) => identifyProcess(pid))).toEqual([undefined, undefined]);
  // Nothing is left, which is no fault.
  await stopLeftObservers(home, log);
});

test("Prometheus reads its rules again, and links to itself where it listens", async () => {
  const prometheus = await started(startPrometheus({ home, log, config: `${SECONDLY}rule_files: [rules.yml]\n` }));
  type Rules = { data: { groups: { rules: { alerts: { annotations: { at: string } }[] }[] }[] } };
  const at = async () => {
    const { data } = await json<Rules>(`${prometheus.url}/api/v1/rules`);
    return data.groups[0]?.rules[0]?.alerts[0]?.annotations.at;
  };
  expect(await at()).toBe(undefined);
  const rules = `groups: [{name: g, rules: [{alert: Always, expr: vector(1), annotations: {at: "{{ $externalURL }}"}}]}]`;
  await writeFile(join(await prometheusFolder(home), "rules.yml"), rules);
  prometheus.reload();
  expect(await eventually("the alert is there", at, { withinMs: 15_000 })).toBe(prometheus.url);
});

test("a faulty configuration is said in the server's own words", async () => {
  for (const [start, name] of [
    [startPrometheus, "prometheus"],
    [startAlertmanager, "alertmanager"],
  ] as const) {
    const refused = start({ home, log, config: "no_such_setting: 1\n" });
    await expect(refused).rejects.toThrow(OperatorError);
    await expect(refused).rejects.toThrow(new RegExp(`^${name} did not start\\..*no_such_setting`, "s"));
  }
});
