import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { createTestBed } from "../support/test-bed.ts";

/** As @grafana/faro-web-sdk 2 sends it, shortened. */
const PAYLOAD = {
  meta: {
    app: { name: "plumbline-console", version: "0.1.0" },
    session: { id: "secret-session" },
    page: { url: "http://127.0.0.1:8080/?token=secret#/decisions/LC-000001" },
    browser: { name: "Chromium", version: "140" },
  },
  measurements: [
    { type: "web-vitals", values: { lcp: 420, element_render_delay: 3 }, timestamp: "2026-01-01T00:00:00Z" },
    { type: "web-vitals", values: { cls: 0.02 } },
    { type: "web-vitals", values: { inp: 9e9, ttfb: "12", fcp: -1 } },
    { type: "custom", values: { lcp: 1 } },
  ],
  exceptions: [{ type: "TypeError", value: "income of Jane Doe is 70000" }, { type: "<script>" }],
  logs: [{ message: "hello", level: "info" }],
  events: [{ name: "session_start" }],
  traces: { resourceSpans: [] },
};

const send = (gateway: TestGateway, body: unknown) =>
  fetch(`${gateway.url}/collect`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });

test("web vitals and exceptions of browsers become metrics, and nothing they say of anybody is logged", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed, { LOG_LEVEL: "debug" });
  expect((await send(gateway, PAYLOAD)).status).toBe(202);
  const metrics = await gateway.process.metrics();
  expect(metrics).toContain('plumbline_web_vital_seconds_sum{name="lcp"} 0.42\n');
  expect(metrics).toContain('plumbline_web_vital_seconds_count{name="lcp"} 1\n');
  for (const name of ["inp", "ttfb", "fcp"]) expect(metrics).toContain(`seconds_count{name="${name}"} 0\n`);
  expect(metrics).toContain("plumbline_web_vital_cls_sum 0.02\n");
  expect(metrics).toContain("plumbline_web_exceptions_total 2\n");
  expect(metrics).toContain('plumbline_faro_requests_total{outcome="accepted"} 1\n');
  const log = gateway.process.log();
  expect(log).toContain('"types":["TypeError","other"],"page":"decisions"');
  for (const secret of ["Jane", "70000", "secret", "LC-000001", "script"]) expect(log).not.toContain(secret);

  for (const wrong of ["{", "[]", { ...PAYLOAD, extra: 1 }, { measurements: [] }, { ...PAYLOAD, logs: ["x"] }]) {
    expect((await send(gateway, wrong)).status).toBe(400);
  }
  expect((await send(gateway, { ...PAYLOAD, padding: "x".repeat(300_000) })).status).toBe(413);
  // Anybody may send, so what is sent can't fill the log.
  const before = gateway.process.log().split("\n").length;
  const exceptions = Array.from({ length: 200 }, (_, index) => ({ type: `Kind${index % 100}` }));
  for (let sent = 0; sent < 5; sent++) expect((await send(gateway, { ...PAYLOAD, exceptions })).status).toBe(202);
  const counted = /^plumbline_web_exceptions_total 1002$/m;
  expect(await gateway.process.metrics()).toMatch(counted);
  expect(gateway.process.log().split("\n").length - before).toBeLessThanOrEqual(10);

  const many = await Promise.all(Array.from({ length: 60 }, () => send(gateway, PAYLOAD)));
  expect(many.map(({ status }) => status)).toContain(429);
});

test("a Faro receiver gets the payload when there is one, and one that is away is no matter of the page", async () => {
  const received: unknown[] = [];
  const receiver = createServer(async (request, response) => {
    received.push(await json(request));
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void receiver.close());
  const { port } = receiver.address() as AddressInfo;
  const bed = await createTestBed();
  const gateway = await startGateway(bed, { GATEWAY_FARO_URL: `http://127.0.0.1:${port}/collect` });
  expect((await send(gateway, PAYLOAD)).status).toBe(202);
  await eventually("the receiver has it", () => received.length > 0, { withinMs: 5_000 });
  expect(received).toEqual([PAYLOAD]);
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  expect((await send(gateway, PAYLOAD)).status).toBe(202);
  await eventually(
    "that is counted",
    async () => /outcome="not_forwarded"\} 1\n/.test(await gateway.process.metrics()),
    { withinMs: 10_000 },
  );
});
