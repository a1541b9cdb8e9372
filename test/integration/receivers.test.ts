import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scaleRules } from "../../scripts/scale-rules.ts";
import { createLogger } from "../../src/platform/log.ts";
import { alertmanagerFolder, startAlertmanager } from "../../src/platform/servers/alertmanager.ts";
import type { EmbeddedMonitor } from "../../src/platform/servers/embedded-monitor.ts";
import { eventually } from "../support/eventually.ts";
import { alertRules, PROMETHEUS } from "../support/rule-files.ts";

type Notification = {
  readonly status: string;
  readonly alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[];
};
type Webhook = { readonly headers: IncomingHttpHeaders; readonly body: Notification };
type SlackPost = { readonly channel: string; readonly attachments: { title: string; text: string }[] };

const log = createLogger("silent", "test");
const SOON = { withinMs: 20_000 };
const undo: (() => unknown)[] = [];
const webhooks: Webhook[] = [];
const slackPosts: SlackPost[] = [];
const mails: { from: string; to: string; user: string | undefined; content: string }[] = [];
let alertmanager: EmbeddedMonitor;

/** Stands for the gateway and for Slack; both are asked by HTTP. */
async function startHttpStub(): Promise<number> {
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    if (request.url === "/v1/alertmanager") webhooks.push({ headers: request.headers, body });
    else slackPosts.push(body);
    response.end("ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  undo.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function startMailStub(): Promise<number> {
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    authMethods: ["PLAIN"],
    onAuth: ({ username, password }, _, done) =>
      password === "mail-password" ? done(null, { user: username }) : done(new Error("wrong password")),
    onData: async (stream, { envelope, user }, done) => {
      const content = await text(stream);
      const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
      mails.push({ from, to: envelope.rcptTo.map(({ address }) => address).join(), user, content });
      done();
    },
  });
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  undo.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return (listening.address() as AddressInfo).port;
}

beforeAll(async () => {
  const home = await mkdtemp(join(tmpdir(), "plumbline-receivers-"));
  undo.push(() => rm(home, { recursive: true, force: true }));
  const [http, mail] = await Promise.all([startHttpStub(), startMailStub()]);
  const folder = await alertmanagerFolder(home);
  await cp(join(PROMETHEUS, "templates"), join(folder, "templates"), { recursive: true });
  await mkdir(join(folder, "secrets"));
  // None for PagerDuty: a receiver whose secret is missing is to fail alone.
  await writeFile(join(folder, "secrets/plumbline-token"), "webhook-token");
  await writeFile(join(folder, "secrets/smtp-password"), "mail-password");
  await writeFile(join(folder, "secrets/slack-url"), `http://127.0.0.1:${http}/slack`);
  const config = scaleRules(await readFile(join(PROMETHEUS, "alertmanager.yml"), "utf8"), 150)
    .replace("http://gateway:8080", `http://127.0.0.1:${http}`)
    .replace("smarthost: smtp.example.com:587", `smarthost: 127.0.0.1:${mail}\n        require_tls: false`);
  alertmanager = await startAlertmanager({ home, log, config });
  undo.push(() => alertmanager.stop());
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** Fires, or ends, an alert as its rule would. */
async function send(wanted: { alert: string; severity?: string; labels?: Record<string, string>; over?: boolean }[]) {
  const alerts = wanted.map(({ alert, severity, labels = {}, over = false }) => {
    const rule = alertRules().find(
      (one) => one.alert === alert && (severity ?? one.labels.severity) === one.labels.severity,
    )!;
    const endsAt = over ? { endsAt: new Date().toISOString() } : {};
    return { labels: { alertname: alert, ...rule.labels, ...labels }, annotations: rule.annotations, ...endsAt };
  });
  const answer = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(alerts),
  });
  expect(answer.status).toBe(200);
}

/** What the gateway has been told of an alert, oldest first. */
function told(name: string): { status: string; labels: Record<string, string> }[] {
  return webhooks.flatMap(({ body }) => body.alerts).filter(({ labels }) => labels.alertname === name);
}

test("a ticket goes to the gateway, to Slack and by mail, and its end as well", async () => {
  await send([{ alert: "RetentionStale" }]);
  await eventually(
    "all three have it",
    () => [told("RetentionStale"), slackPosts, mails].every(({ length }) => length > 0),
    SOON,
  );
  expect(webhooks[0]).toMatchObject({
    headers: { authorization: "Bearer webhook-token" },
    body: { version: "4", status: "firing", alerts: [{ status: "firing", labels: { severity: "ticket" } }] },
  });
  expect(slackPosts[0]).toMatchObject({
    channel: "#plumbline",
    attachments: [
      { title: "[ticket] RetentionStale", text: expect.stringContaining("localhost:8080/runbooks/RetentionStale.md") },
    ],
  });
  expect(mails[0]).toMatchObject({ from: "plumbline@example.com", to: "oncall@example.com", user: "plumbline" });
  expect(mails[0]!.content).toMatch(/^Subject: \[ticket\] RetentionStale\r$/m);
  expect(mails[0]!.content).toMatch(/text\/plain[\s\S]*text\/html/);

  await send([{ alert: "RetentionStale", over: true }]);
  const isOver = () => told("RetentionStale").some(({ status }) => status === "resolved") && mails.length > 1;
  await eventually("all hear that it is over", isOver, SOON);
  expect(mails[1]!.content).toMatch(/^Subject: \[resolved\] RetentionStale\r$/m);
});

test("a role that isn't ready explains what follows from that, each role its own", async () => {
  const FOLLOWS = {
    scorer: "ScoringStalled",
    drift: "DriftMonitorStale",
    gateway: "HighApiLatency",
    alerts: "RetentionStale",
  };
  const causes = Object.keys(FOLLOWS).map((role) => ({ alert: "RoleNotReady", labels: { role } }));
  await send(causes);
  await eventually("all four are told", () => told("RoleNotReady").length === 4, SOON);
  const cutOff = { alert: "NatsDisconnected", severity: "ticket", labels: { role: "drift" } };
  const following = [...Object.values(FOLLOWS).map((alert) => ({ alert })), cutOff];
  await send(following);
  const names = following.map(({ alert }) => alert).sort();
  const areHeldBack = async () => (await heldBack()).sort().join() === names.join();
  await eventually("all that follows is held back", areHeldBack, SOON);
  await send([...causes, ...following].map((one) => ({ ...one, over: true })));
  await eventually("nothing is held back", async () => (await heldBack()).length === 0, SOON);
});

test("a page whose pager has no key goes to the others all the same, grouped into one notification", async () => {
  await send(["scorer", "drift"].map((role) => ({ alert: "DatabaseErrors", labels: { role } })));
  const isTold = () => slackPosts.some(({ attachments }) => attachments[0]!.title === "[page] DatabaseErrors (2)");
  await eventually("Slack has both in one", isTold, SOON);
  expect(
    told("DatabaseErrors")
      .map(({ labels }) => labels.role)
      .sort(),
  ).toEqual(["drift", "scorer"]);
});

test("what follows from something known is held back, and nothing else", async () => {
  await send([
    { alert: "DataDriftCritical", labels: { model: "a" } },
    { alert: "DataDriftWarning", labels: { model: "a" } },
    { alert: "FeatureDrift", labels: { model: "a", feature: "dti" } },
    { alert: "DataDriftWarning", labels: { model: "b" } },
    { alert: "DiskAlmostFull", severity: "page", labels: { host: "h" } },
    { alert: "DiskAlmostFull", severity: "ticket", labels: { host: "h" } },
    { alert: "DiskAlmostFull", severity: "ticket", labels: { host: "i" } },
    { alert: "ScoringStalled" },
    { alert: "HighApiErrorRate" },
    { alert: "DriftMonitorStale" },
    { alert: "RoleAbsent", labels: { role: "alerts" } },
    { alert: "RetentionStale" },
    { alert: "RoleNotReady", labels: { role: "drift" } },
  ]);
  const last = ["DataDriftWarning", "DiskAlmostFull", "HighApiErrorRate", "RoleAbsent"];
  await eventually("the last is told", () => last.flatMap(told).length >= 5, SOON);
  expect(told("DataDriftCritical").map(({ labels }) => labels.model)).toEqual(["a"]);
  expect(told("DataDriftWarning").map(({ labels }) => labels.model)).toEqual(["b"]);
  expect(told("FeatureDrift")).toEqual([]);
  const disks = told("DiskAlmostFull").map(({ labels }) => `${labels.severity} ${labels.host}`);
  expect(disks.sort()).toEqual(["page h", "ticket i"]);
  // DatabaseErrors of the test before, of scorers and drift, explains these and no fault of the gateway.
  expect([told("ScoringStalled"), told("DriftMonitorStale")]).toEqual([[], []]);
  expect(told("HighApiErrorRate")).toHaveLength(1);
  expect(await heldBack()).toEqual(expect.arrayContaining(["RetentionStale", "RoleNotReady"]));

  await send([
    { alert: "NatsDisconnected" },
    { alert: "RoleAbsent", labels: { role: "drift" } },
    { alert: "Watchdog" },
  ]);
  await eventually("Watchdog is told", () => told("Watchdog").length > 0 && told("NatsDisconnected").length > 0, SOON);
  expect(told("RoleAbsent").map(({ labels }) => labels.role)).toEqual(["alerts"]);
  expect(await heldBack()).toContain("RoleAbsent");
});

/** Names of the alerts that are inhibited. */
async function heldBack(): Promise<string[]> {
  const answer = await fetch(`${alertmanager.url}/api/v2/alerts?inhibited=true&active=false`);
  return ((await answer.json()) as { labels: { alertname: string } }[]).map(({ labels }) => labels.alertname);
}
