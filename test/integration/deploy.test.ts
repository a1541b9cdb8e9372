import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { createLogger } from "../../src/platform/log.ts";
import { findProgram } from "../../src/platform/servers/find-program.ts";
import { startNatsServer } from "../../src/platform/servers/nats-server.ts";
import { startPostgresServer } from "../../src/platform/servers/postgres-server.ts";
import { makeApplication } from "../support/applications.ts";
import { eventually } from "../support/eventually.ts";
import { type ScorerProcess, spawnScorer } from "../support/scorer-process.ts";
import { randomFrom } from "../support/seed.ts";

/**
 * What docker-compose.yml starts, without containers: the secrets, the broker's users and the database's logins are those of
 * deploy/, and each role has its own.
 */

const run = promisify(execFile);
const log = createLogger("silent", "test");
const undo: (() => unknown)[] = [];
let home: string;
let secrets: string;
let natsPort: number;
let databasePort: number;
const roles: Record<string, ScorerProcess> = {};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-deploy-"));
  undo.push(() => rm(home, { recursive: true, force: true }));
  secrets = join(home, "secrets");
  await run(join(ROOT, "deploy/make-secrets"), [secrets]);
  await Promise.all([startBroker(), startDatabase()]);
  await toThisMachine();
  await run(join(ROOT, "bin/plumbline"), ["migrate"], { env: environmentOf("owner") });
  for (const role of ["scorer", "drift", "alerts", "gateway"]) {
    const process = spawnScorer({ environment: environmentOf(role), role });
    undo.push(() => process.stop());
    roles[role] = process;
  }
  await Promise.all(Object.values(roles).map((process) => process.ready()));
}, 60_000);

afterAll(async () => {
  for (const step of undo.reverse()) await step();
}, 60_000);

async function startBroker(): Promise<void> {
  await mkdir(join(home, "nats"), { recursive: true });
  await copyFile(join(ROOT, "deploy/nats/users.conf"), join(home, "nats/users.conf"));
  await copyFile(join(secrets, "nats-passwords.conf"), join(home, "nats/passwords.conf"));
  // The one difference: who says nothing is the operator, so that this machine's probe finds the server ready.
  const config = `include "users.conf"\nno_auth_user: operator\n`;
  const broker = await startNatsServer({ home, log, config });
  undo.push(() => broker.stop());
  natsPort = broker.port;
}

async function startDatabase(): Promise<void> {
  const server = await startPostgresServer({ home, log });
  undo.push(() => server.stop("fast"));
  databasePort = server.port;
  const { username, password, hostname, port } = new URL(server.url);
  // The image's server has no such database yet.
  const client = new pg.Client({ connectionString: server.url.replace("/plumbline?", "/postgres?") });
  await client.connect();
  await client.query("drop database plumbline").finally(() => client.end());
  const env = {
    PATH: process.env.PATH,
    SECRETS_FOLDER: secrets,
    POSTGRES_USER: username,
    PGPASSWORD: password,
    PGHOST: hostname,
    PGPORT: port,
  };
  await run(join(ROOT, "deploy/postgres/10-roles.sh"), { env });
}

/** The addresses are of the containers' network. */
async function toThisMachine(): Promise<void> {
  const changes = [
    ["nats-url", "@nats:4222", `@127.0.0.1:${natsPort}`],
    ["database-url", "@postgres:5432", `@127.0.0.1:${databasePort}`],
  ] as const;
  for (const [name, from, to] of changes) {
    for (const role of ["owner", "scorer", "drift", "alerts", "gateway", "operator", "publisher"]) {
      const file = join(secrets, `${name}-${role}`);
      const address = await readFile(file, "utf8").catch(() => undefined);
      if (address !== undefined) await writeFile(file, address.replace(from, to));
    }
  }
}

function environmentOf(role: string): Record<string, string> {
  return {
    PATH: process.env.PATH!,
    PLUMBLINE_HOME: join(home, role),
    PLUMBLINE_PORT: "0",
    ...(role !== "owner" && { NATS_URL_FILE: join(secrets, `nats-url-${role}`) }),
    ...(role !== "publisher" && { DATABASE_URL_FILE: join(secrets, `database-url-${role}`) }),
    GATEWAY_JWT_SECRET_FILE: join(secrets, "gateway-jwt-secret"),
  };
}

async function asUser<T>(role: string, work: (nc: NatsConnection) => Promise<T>): Promise<T> {
  const { username, password, host } = new URL(await readFile(join(secrets, `nats-url-${role}`), "utf8"));
  const inboxPrefix = `_INBOX.${role}`;
  const nc = await connect({ servers: host, user: username, pass: password, inboxPrefix, reconnect: false });
  try {
    return await work(nc);
  } finally {
    await nc.close();
  }
}

async function command(...args: string[]): Promise<string> {
  return commandOf("operator", ...args);
}

async function commandOf(user: string, ...args: string[]): Promise<string> {
  return (await run(join(ROOT, "bin/plumbline"), args, { env: environmentOf(user) })).stdout;
}

test("every role does its work with its own user and its own login", async () => {
  const random = randomFrom(20_261_121);
  const { serves } = JSON.parse(
    await readFile(join(home, "gateway/run", `gateway-${roles.gateway!.pid}.json`), "utf8"),
  ) as { serves: string };
  const token = (await command("token", "create", "--name", "a test", "--role", "admin")).trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  for (let number = 0; number < 50; number++) {
    const body = JSON.stringify(makeApplication(`A-${number}`, random));
    const response = await fetch(`${serves}/v1/applications?channel=web`, { method: "POST", headers, body });
    expect(response.status).toBe(202);
  }
  const file = join(home, "applications.jsonl");
  await writeFile(file, `${JSON.stringify(makeApplication("A-50", random))}\n`);
  await commandOf("publisher", "publish", file, "--channel", "branch");
  await asUser("publisher", async (nc) => {
    expect((await nc.request("applications.web", "no JSON")).string()).toContain('"stream":"APPLICATIONS"');
  });

  await asUser("operator", async (nc) => {
    const jsm = await jetstreamManager(nc);
    const messages = async (stream: string) => (await jsm.streams.info(stream)).state.messages;
    await eventually("all are decided", async () => (await messages("SCORES")) === 51, { withinMs: 20_000 });
    await eventually("one is rejected", async () => (await messages("DEADLETTERS")) === 1, { withinMs: 10_000 });
    const settled = async () => {
      const { delivered, num_ack_pending } = await jsm.consumers.info("OBSERVATIONS", "drift");
      return delivered.stream_seq > 0 && num_ack_pending === 0;
    };
    await eventually("the drift consumer has taken in", settled, { withinMs: 20_000 });
  });

  const report = {
    version: "4",
    status: "firing",
    receiver: "plumbline",
    groupKey: "a",
    truncatedAlerts: 0,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "",
    alerts: [
      {
        status: "firing",
        labels: { alertname: "ScoringStalled", severity: "page" },
        annotations: { summary: "s", description: "d" },
        startsAt: "2026-11-21T10:00:00Z",
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "",
        fingerprint: "0123456789abcdef",
      },
    ],
  };
  const told = await fetch(`${serves}/v1/alertmanager`, { method: "POST", headers, body: JSON.stringify(report) });
  expect([told.status, await told.text()]).toMatchObject([200, expect.anything()]);
  await asUser("operator", async (nc) => {
    const jsm = await jetstreamManager(nc);
    const event = () => jsm.streams.getMessage("EVENTS", { last_by_subj: "events.alert.page" });
    await eventually("the alert's event", async () => (await event().catch(() => null)) !== null, { withinMs: 20_000 });
  });

  const reading = ["status", "scores?limit=10", "deadletters?limit=10", "alerts?limit=10"];
  for (const path of reading) {
    const response = await fetch(`${serves}/v1/${path}`, { headers });
    expect([path, response.status]).toEqual([path, 200]);
  }
  const listed = (await (await fetch(`${serves}/v1/deadletters`, { headers })).json()) as { items: { name: string }[] };
  const requeue = `${serves}/v1/deadletters/${listed.items[0]!.name}/requeue`;
  const requeued = await fetch(requeue, { method: "POST", headers, body: "{}" });
  expect([requeued.status, await requeued.json()]).toEqual([200, { sequence: expect.any(Number) }]);
  for (const [role, process] of Object.entries(roles)) {
    expect([role, process.log().match(/.*permission.*/i)?.[0]]).toEqual([role, undefined]);
  }
});

test.each([
  ["operator", false],
  ["gateway", false],
  ["scorer", true],
  ["drift", true],
  ["alerts", true],
])("doctor tells %s what its logins may see, and that there is more where there is", async (user, isMore) => {
  const found = await commandOf(user, "doctor").catch(({ stdout }) => stdout as string);
  expect(found).toMatch(/^(ok|warning) +nats .* JetStream is on/m);
  expect(found.match(/.*permission.*/gi) ?? []).toEqual([]);
  expect(found.includes("this NATS user may not ask about it")).toBe(isMore);
});

test.each([
  ["scorer", "applications.web"],
  ["scorer", "events.drift.x"],
  ["scorer", "$JS.API.STREAM.PURGE.SCORES"],
  ["scorer", "$JS.API.STREAM.DELETE.APPLICATIONS"],
  ["scorer", "$JS.API.STREAM.UPDATE.APPLICATIONS"],
  ["scorer", "$JS.API.STREAM.MSG.DELETE.SCORES"],
  ["scorer", "$JS.API.CONSUMER.CREATE.APPLICATIONS.mine"],
  ["scorer", "plumbline.heartbeats.gateway"],
  ["drift", "scores.web.approve.A-1"],
  ["drift", "events.alert.page"],
  ["drift", "$JS.API.CONSUMER.MSG.NEXT.APPLICATIONS.scorer"],
  ["alerts", "events.drift.x"],
  ["alerts", "$JS.API.STREAM.PURGE.EVENTS"],
  ["gateway", "scores.web.approve.A-1"],
  ["gateway", "$JS.API.CONSUMER.MSG.NEXT.APPLICATIONS.scorer"],
  ["gateway", "$JS.API.CONSUMER.DELETE.APPLICATIONS.scorer"],
  ["gateway", "$JS.API.STREAM.DELETE.SCORES"],
  ["publisher", "scores.web.approve.A-1"],
  ["publisher", "$JS.API.STREAM.MSG.GET.APPLICATIONS"],
])("%s may not publish to %s", async (role, subject) => {
  await asUser(role, (nc) => expect(nc.request(subject, "", { timeout: 2_000 })).rejects.toThrow(/permission/i));
});

test.each([
  ["scorer", "applications.>"],
  ["drift", "scores.>"],
  ["publisher", "scores.>"],
  ["gateway", "applications.>"],
  // Replies to a scorer are applications.
  ...["scorer", "drift", "alerts", "gateway", "publisher"].flatMap((role) => [
    [role, "_INBOX.>"],
    [role, role === "scorer" ? "_INBOX.gateway.>" : "_INBOX.scorer.>"],
  ]),
])("%s may not listen to %s", async (role, subject) => {
  await asUser(role, async (nc) => {
    const refused = new Promise((done) => nc.subscribe(subject, { callback: (error) => done(String(error)) }));
    expect(await refused).toMatch(/permission/i);
  });
});

test("the broker refuses whoever has no password, and its whole configuration is right", async () => {
  await expect(
    connect({ servers: `127.0.0.1:${natsPort}`, user: "scorer", pass: "x", reconnect: false }),
  ).rejects.toThrow(/authorization/i);
  const folder = join(home, "checked");
  await mkdir(folder);
  const config = await readFile(join(ROOT, "deploy/nats/nats.conf"), "utf8");
  await copyFile(join(ROOT, "deploy/nats/users.conf"), join(folder, "users.conf"));
  await copyFile(join(secrets, "nats-passwords.conf"), join(folder, "passwords.conf"));
  const program = await findProgram("nats-server", log);
  const check = (name: string) => run(program, ["-t", "-c", join(folder, name)]);
  // Newer than the server that tests may have.
  await writeFile(join(folder, "old.conf"), config.replace(/^ *sync_interval: always$/m, ""));
  await check("old.conf");
  await writeFile(join(folder, "wrong.conf"), `${config}\nauthorisation: {}\n`);
  await expect(check("wrong.conf")).rejects.toThrow();
  await writeFile(join(folder, "nats.conf"), config);
  const refusal = await check("nats.conf").then(
    () => "",
    ({ stderr }) => stderr,
  );
  expect(refusal.replaceAll(/.*unknown field "sync_interval"/g, "").trim()).toBe("");
});
