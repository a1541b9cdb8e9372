import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { askAlertmanager } from "../../../src/alerts/alertmanager.ts";

const NOW = "Sat, 21 Nov 2026 12:00:00 GMT";
const alert = (fingerprint: string, state: string, more: object = {}) => ({
  fingerprint,
  labels: { alertname: "A" },
  annotations: {},
  startsAt: "2026-11-21T11:00:00.000Z",
  endsAt: "2026-11-21T12:05:00.000Z",
  status: { state, silencedBy: [], inhibitedBy: [] },
  ...more,
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an Alertmanager is asked under its path and with its password, and says what it tells of and what it holds", async () => {
  const asked: string[] = [];
  const at = await serve(({ url, headers }, response) => {
    asked.push(`${url} ${Buffer.from(headers.authorization?.split(" ")[1] ?? "", "base64")}`);
    const alerts = [
      alert("a1", "active"),
      alert("a2", "suppressed"),
      alert("a3", "active", { annotations: { x: "\0" } }),
      alert("a4", "active", { labels: null }),
    ];
    response.setHeader("date", NOW);
    response.end(JSON.stringify(url!.endsWith("status") ? { uptime: "2026-11-21T11:59:00.000Z" } : alerts));
  });
  const view = await askAlertmanager(`http://me:p%40ss@${at}/alertmanager/`, new AbortController().signal);
  expect(asked).toEqual(["/alertmanager/api/v2/status me:p@ss", "/alertmanager/api/v2/alerts me:p@ss"]);
  expect(view).toEqual({
    fingerprints: new Set(["a1", "a2", "a3", "a4"]),
    active: [
      {
        fingerprint: "a1",
        labels: { alertname: "A" },
        annotations: {},
        startsAt: Date.UTC(2026, 10, 21, 11),
        // That is when it would be forgotten unless it is told of again.
        endsAt: undefined,
      },
    ],
    unreadable: [expect.stringMatching(/^a3: annotations /), "a4 doesn't fit the API"],
    upMs: 60_000,
  });
});

test("what isn't an Alertmanager, or has trouble, is none", async () => {
  const ask = async (listener: RequestListener) =>
    askAlertmanager(`http://${await serve(listener)}`, new AbortController().signal);
  await expect(ask((_, response) => void response.end('{"status":"ok"}'))).rejects.toThrow(/isn't an Alertmanager/);
  await expect(ask((_, response) => void response.end("<html>"))).rejects.toThrow();
  await expect(ask((_, response) => void response.writeHead(502).end())).rejects.toThrow(/answers 502 for \/api\/v2/);
});
