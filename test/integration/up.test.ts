import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ServerAddresses } from "../../src/app/servers-file.ts";
import { makeApplication } from "../support/applications.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningCommand, runCommand, startCommand } from "../support/ingest-command.ts";
import { killAtOnce } from "../support/processes.ts";
import { randomFrom } from "../support/seed.ts";

/** A first start makes a database cluster, on a machine that does much else at the same time. */
const START = { withinMs: 40_000, everyMs: 50 };
const STOP_WITHIN_MS = 10_000;

let home: string;
let environment: Record<string, string>;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-up-"));
  environment = { PLUMBLINE_HOME: home, LOG_LEVEL: "warn", PLUMBLINE_PORT: "0" };
});
afterEach(async () => {
  const left = processesOf(home);
  left.forEach(killAtOnce);
  await eventually("the home's processes are gone", () => processesOf(home).length === 0, { withinMs: 5_000 });
  await rm(home, { recursive: true });
  expect(left, "processes were left running").toEqual([]);
});

/** Every process that has the folder in its command line, or as its own. */
function processesOf(folder: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      if (!/^\d+$/.test(name) || / Z /.test(readFileSync(`/proc/${name}/stat`, "utf8"))) return [];
      const ofIt = [readFileSync(`/proc/${name}/cmdline`, "utf8"), readlinkSync(`/proc/${name}/cwd`)];
      return ofIt.some((text) => text.includes(folder)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

async function startUp(...more: string[]): Promise<RunningCommand> {
  const up = startCommand(["up", "--scorers", "1", ...more], environment);
  await Promise.race([
    eventually("up says that all is ready", () => /^stop {8}Ctrl-C/m.test(up.stdout()), START),
    up.ended.then(({ code, stderr }) => Promise.reject(new Error(`up ended (${code}): ${stderr}`))),
  ]);
  return up;
}

/** Ctrl-C; fails unless it ends in good order and in time. */
async function interrupt(up: RunningCommand): Promise<void> {
  const from = Date.now();
  up.child.kill("SIGINT");
  const { code, stdout, stderr } = await up.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/stopping: finishing what is in flight\n.*stopped in [\d.]+ s\n$/s);
  expect(Date.now() - from).toBeLessThan(STOP_WITHIN_MS);
  expect(processesOf(home)).toEqual([]);
}

async function addresses(): Promise<ServerAddresses> {
  return JSON.parse(await readFile(join(home, "run/servers.json"), "utf8")) as ServerAddresses;
}

/** How many decisions are stored. */
async function decided(): Promise<number> {
  const client = new pg.Client((await addresses()).databaseUrl);
  // A server that is killed meanwhile.
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query<{ n: number }>("select count(*)::int as n from public.scores");
  await client.end();
  return rows[0]!.n;
}

/** Waits until so many decisions are stored; a database that is away has none. */
async function untilDecided(wanted: (count: number) => boolean): Promise<void> {
  const isStored = () => decided().then(wanted, () => false);
  await eventually("the decisions are stored", isStored, { withinMs: 20_000 });
}

/** The pid in a server's own pid file. */
async function serverPid(name: string): Promise<number> {
  const file = name === "postmaster.pid" ? join(home, "postgres/data", name) : join(home, "run", name);
  return Number((await readFile(file, "utf8")).split("\n")[0]);
}

/** Publishes applications and waits until so many decisions are stored in all. */
async function score(ids: readonly string[], inAll: number): Promise<void> {
  const nc = await connect({ servers: (await addresses()).natsUrl });
  for (const id of ids) {
    await jetstream(nc).publish("applications.web", JSON.stringify(makeApplication(id, randomFrom(1))));
  }
  await nc.close();
  await untilDecided((count) => count === inAll);
}

/** The running scorers, by what they announce. */
function scorers(): number[] {
  const announced = readdirSync(join(home, "run")).map((name) => /^scorer-(\d+)\.json$/.exec(name)?.[1]);
  return announced.filter((pid) => pid !== undefined).map(Number);
}

test("up scores what is published, stops all it started on Ctrl-C, and goes on from there the next time", async () => {
  const first = await startUp();
  const at = await addresses();
  await score(["A", "B", "C"], 3);
  await interrupt(first);
  expect(first.stdout()).not.toContain(new URL(at.databaseUrl).password);
  // Without servers of its own no other command takes its old addresses for current ones.
  await expect(addresses()).rejects.toThrow(/ENOENT/);

  const second = await startUp();
  expect(await addresses()).toEqual(at);
  await score(["A", "D"], 4);
  await interrupt(second);
});

test("up that was killed is taken over by the next one, and two at once are refused", async () => {
  const first = await startUp();
  await score(["A", "B"], 2);
  const at = await addresses();
  const [orphan] = scorers();
  first.child.kill("SIGKILL");
  await first.ended;
  await eventually("its scorer has ended by itself", () => !processesOf(home).includes(orphan!), { withinMs: 5_000 });

  const second = await startUp();
  expect(second.stdout()).toMatch(/^NATS .* \(was still running\)$/m);
  expect(second.stdout()).toMatch(/^PostgreSQL .* \(was still running\)$/m);
  expect(await addresses()).toEqual(at);
  await score(["C"], 3);

  const third = await runCommand(["up"], environment);
  expect(third).toMatchObject({ code: 1, stdout: "" });
  expect(third.stderr).toBe(
    `plumbline: another plumbline (pid ${second.child.pid}) uses ${home}: stop it first, or choose another state folder.\n`,
  );
  // The refused one has left the first one's servers alone.
  await score(["D"], 4);
  await interrupt(second);
});

test("up --demo publishes applicants, and starts a scorer again that was killed", async () => {
  const up = await startUp("--demo");
  await untilDecided((count) => count > 20);
  const [killed] = scorers();
  process.kill(killed!, "SIGKILL");
  await untilDecided((count) => count > 200);
  expect(scorers()).toHaveLength(1);
  expect(scorers()).not.toContain(killed);
  up.child.kill("SIGINT");
  expect(await up.ended).toMatchObject({ code: 0, stderr: expect.stringContaining("starting it again") });
});

test("a server of its own that dies is started again where it was", async () => {
  const up = await startUp("--demo");
  const at = await addresses();
  for (const pidFile of ["nats-server.pid", "postmaster.pid"]) {
    const before = await decided();
    process.kill(await serverPid(pidFile), "SIGKILL");
    await untilDecided((count) => count > before + 100);
  }
  expect(await addresses()).toEqual(at);
  up.child.kill("SIGINT");
  expect(await up.ended).toMatchObject({ code: 0, stderr: expect.stringContaining("a server ended by itself") });
});

test("a terminal that is closed, or a reader that goes away, stops everything in good order", async () => {
  const hungUp = await startUp();
  hungUp.child.kill("SIGHUP");
  expect(await hungUp.ended).toMatchObject({ code: 0 });
  expect(processesOf(home)).toEqual([]);

  const unread = await startUp("--demo");
  // It notices at its next line, ten seconds apart when nobody watches.
  unread.child.stdout.destroy();
  expect(await unread.ended).toMatchObject({ code: 0 });
  expect(processesOf(home)).toEqual([]);
});

test("a port that is in use is said in a sentence, and nothing is left running", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  for (const name of ["UP_NATS_PORT", "UP_POSTGRES_PORT"]) {
    const { code, stderr } = await runCommand(["up"], { ...environment, [name]: String(port) });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `plumbline: port ${port} on 127.0.0.1 is in use by another program: stop that program, or choose another port.\n`,
    );
    expect(processesOf(home)).toEqual([]);
  }
  const { code, stdout, stderr } = await runCommand(["up", "--port", String(port)], environment);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /^plumbline: the gateway can't have port \d+ of 127\.0\.0\.1: another program uses it\. Choose one/,
  );
  expect(processesOf(home)).toEqual([]);
  other.close();
});

test("the printed address opens the gateway with a token that admits to everything for half a day", async () => {
  const up = await startUp();
  const [, url, token] = /^console {5}(http:\/\/127\.0\.0\.1:\d+)\/#token=(\S+)$/m.exec(up.stdout())!;
  const { exp, role } = JSON.parse(Buffer.from(token!.split(".")[1]!, "base64url").toString());
  expect(role).toBe("admin");
  expect(exp * 1000 - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
  expect(exp * 1000 - Date.now()).toBeLessThan(12.1 * 3_600_000);
  const answer = await fetch(`${url}/v1/applications?channel=web&wait=10s`, {
    method: "POST",
    body: JSON.stringify(makeApplication("HTTP-1", randomFrom(1))),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ application_id: "HTTP-1", channel: "web" });
  await interrupt(up);
});

test("up --observe watches every process, and what Alertmanager is told is in the list of alerts", async () => {
  const up = await startUp("--observe");
  const line = (name: string) => new RegExp(`^${name} +(http://127\\.0\\.0\\.1:\\d+)`, "m").exec(up.stdout())![1]!;
  const token = /#token=(\S+)$/m.exec(up.stdout())![1]!;
  const json = async <T>(url: string) => (await (await fetch(url)).json()) as T;

  const labels = { alertname: "Rehearsal", severity: "ticket" };
  const annotations = { summary: "A rehearsal", runbook_url: "/runbooks/Watchdog.md" };
  await fetch(`${line("alerting")}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ labels, annotations }]),
  });

  type Targets = { data: { activeTargets: { labels: { role: string }; health: string }[] } };
  const roles = async () => {
    const { data } = await json<Targets>(`${line("metrics")}/api/v1/targets`);
    return data.activeTargets.flatMap(({ labels, health }) => (health === "up" ? [labels.role] : [])).sort();
  };
  const all = ["alerts", "drift", "gateway", "scorer"];
  const areAll = async () => (await roles()).join() === all.join();
  await eventually("all roles are scraped", areAll, { withinMs: 20_000 });
  type Rules = {
    data: { groups: { interval: number; rules: { name: string; health: string; lastError?: string }[] }[] };
  };
  const rules = async () => {
    const { groups } = (await json<Rules>(`${line("metrics")}/api/v1/rules`)).data;
    return groups.filter(({ interval }) => interval <= 5).flatMap((group) => group.rules);
  };
  await eventually("all rules ran", async () => (await rules()).every(({ health }) => health !== "unknown"), {
    withinMs: 20_000,
  });
  expect((await rules()).filter(({ health }) => health !== "ok")).toEqual([]);

  const list = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${line("console").replace(/\/$/, "")}/v1/alerts`, { headers });
    return ((await answer.json()) as { items: { name: string; source: string }[] }).items;
  };
  const isThere = async () => (await list()).some(({ name }) => name === "Rehearsal");
  await eventually("the gateway was told", isThere, { withinMs: 20_000 });
  expect(await list()).toMatchObject([{ name: "Rehearsal", status: "firing", severity: "ticket", source: "webhook" }]);
  const runbook = (name: string) => fetch(`${line("console")}/runbooks/${name}.md`);
  const page = await runbook("Watchdog");
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await page.text()).toContain("<h1>Watchdog</h1>");
  expect((await runbook("Rehearsal")).status).toBe(404);
  await interrupt(up);
});

test("wrong words are wrong usage", async () => {
  for (const args of [
    ["up", "--scorers", "0"],
    ["up", "--scorers", "two"],
    ["up", "--port", "http"],
    ["up", "--fast"],
    ["upp"],
  ]) {
    const { code, stderr } = await runCommand(args, environment);
    expect({ args, code }).toEqual({ args, code: 2 });
    expect(stderr).toMatch(/^error: /);
  }
});
