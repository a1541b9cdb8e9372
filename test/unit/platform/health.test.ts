import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Counter, Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperatorError } from "../../../src/platform/errors.ts";
import { announce, type HealthServer, startHealthServer } from "../../../src/platform/health.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-health-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the health server", () => {
  const readiness = { nats: true, model: false };
  let server: HealthServer;

  beforeEach(async () => {
    const registry = new Registry();
    new Counter({ name: "made_total", help: "x", registers: [registry] }).inc(3);
    readiness.model = false;
    server = await startHealthServer({ port: 0, registry, readiness: () => readiness });
  });
  afterEach(() => server.stop());

  it("is alive, and ready once nothing is waited for", async () => {
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    const before = await fetch(`${server.url}/readyz`);
    expect([before.status, await before.json()]).toEqual([503, { status: "not ready", checks: readiness }]);
    readiness.model = true;
    const after = await fetch(`${server.url}/readyz?verbose`);
    expect([after.status, await after.json()]).toEqual([200, { status: "ready", checks: readiness }]);
  });

  it("has the metrics, and nothing else", async () => {
    const metrics = await fetch(`${server.url}/metrics`);
    expect(metrics.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await metrics.text()).toContain("made_total 3\n");
    expect((await fetch(`${server.url}/`)).status).toBe(404);
  });

  it("says when its port is taken, in a sentence", async () => {
    const port = Number(new URL(server.url).port);
    const second = startHealthServer({ port, registry: new Registry(), readiness: () => ({}) });
    await expect(second).rejects.toThrow(OperatorError);
    await expect(second).rejects.toThrow(
      new RegExp(`^cannot listen on port ${port}: .*EADDRINUSE.*Choose another port\\.$`),
    );
  });

  it("stops although somebody holds a connection", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await server.stop();
    await closed;
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
  });
});

describe("an announcement", () => {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, "run", name), "utf8")) as unknown;

  it("is a file with role, pid and address, until it is taken back", async () => {
    const forget = await announce(folder, "scorer", "http://127.0.0.1:1");
    expect(await readdir(join(folder, "run"))).toEqual([`scorer-${process.pid}.json`]);
    const expected = { role: "scorer", pid: process.pid, url: "http://127.0.0.1:1" };
    expect(await read(`scorer-${process.pid}.json`)).toEqual(expected);
    await forget();
    await forget();
    expect(await readdir(join(folder, "run"))).toEqual([]);
  });

  it("removes those of the same role whose processes are gone, and no other", async () => {
    const { pid: gone } = spawnSync("true");
    await mkdir(join(folder, "run"));
    const kept = [`drift-${gone}.json`, `scorer-${process.ppid}.json`, "scorer-x.json", "servers.json"];
    for (const name of [...kept, `scorer-${gone}.json`]) await writeFile(join(folder, "run", name), "{}");
    await announce(folder, "scorer", "http://127.0.0.1:1");
    const expected = [...kept, `scorer-${process.pid}.json`].sort();
    expect((await readdir(join(folder, "run"))).sort()).toEqual(expected);
  });

  it("that can't be made says what to do", async () => {
    await writeFile(join(folder, "run"), "a file in the way");
    const refused = announce(folder, "scorer", "http://127.0.0.1:1");
    await expect(refused).rejects.toThrow(OperatorError);
    await expect(refused).rejects.toThrow(/^cannot write .*Make PLUMBLINE_HOME a folder that can be written\.$/);
  });
});
