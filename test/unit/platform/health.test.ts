import { connect } from "node:net";
import { Counter, Gauge, Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperatorError } from "../../../src/platform/errors.ts";
import { type HealthServer, startHealthServer } from "../../../src/platform/health.ts";

describe("the health server", () => {
  const readiness = { nats: true, model: false };
  let server: HealthServer;
  let registry: Registry;

  beforeEach(async () => {
    registry = new Registry();
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

  it("answers 500 while a metric can't be read, and goes on", async () => {
    const collect = () => Promise.reject(new Error("no value today"));
    new Gauge({ name: "moody", help: "x", collect, registers: [registry] });
    const failed = await fetch(`${server.url}/metrics`);
    expect([failed.status, await failed.text()]).toEqual([500, "no value today\n"]);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
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
