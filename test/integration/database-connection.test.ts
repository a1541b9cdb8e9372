import { expect, inject, test } from "vitest";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { closeDatabase, connectDatabase, inTransaction, isDatabaseOutage } from "../../src/platform/postgres.ts";
import { pause } from "../../src/platform/retry.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

const log = createLogger("silent", "test");
const NOWHERE = "postgres://user:hunter2@127.0.0.1:1/db";

function connect(url: string, more: { giveUpAfterMs?: number; signal?: AbortSignal } = {}) {
  return connectDatabase({ url, connections: 1, log, ...more });
}

async function msUntilRefused(connecting: Promise<unknown>, sentence: RegExp): Promise<number> {
  const from = Date.now();
  await expect(connecting).rejects.toThrow(OperatorError);
  await expect(connecting).rejects.toThrow(sentence);
  return Date.now() - from;
}

test("a server that refuses the password or the database is not waited for", async () => {
  const wrong = new URL(inject("templateUrl"));
  wrong.password = "hunter2";
  expect(
    await msUntilRefused(connect(wrong.href), /^cannot use PostgreSQL at .*authentication failed.*Check DATABASE_URL/),
  ).toBeLessThan(3_000);
  const missing = new URL(inject("templateUrl"));
  missing.pathname = "/nowhere";
  expect(await msUntilRefused(connect(missing.href), /"nowhere" does not exist/)).toBeLessThan(3_000);
});

test("a server that is away is waited for as long as was asked, and the sentence has no password", async () => {
  const connecting = connect(NOWHERE, { giveUpAfterMs: 900 });
  const waited = await msUntilRefused(
    connecting,
    /^cannot use PostgreSQL at postgres:\/\/127\.0\.0\.1:1\/db: .*ECONNREFUSED/,
  );
  // A wait that would go beyond isn't begun.
  expect(waited).toBeGreaterThan(200);
  expect(waited).toBeLessThan(2_000);
});

test("waiting ends with the signal's reason", async () => {
  const stop = new AbortController();
  const connecting = connect(NOWHERE, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("stopped")), 300);
  await expect(connecting).rejects.toThrow("stopped");
  await expect(connect(NOWHERE, { signal: stop.signal })).rejects.toThrow("stopped");
});

test("a server that comes back is used, and a connection that broke is replaced", async () => {
  const url = inject("templateUrl");
  const proxy = await startTcpProxy(Number(new URL(url).port));
  proxy.reset();
  const connecting = connect(proxy.through(url));
  await new Promise((resolve) => setTimeout(resolve, 300));
  proxy.heal();
  const database = await connecting;
  expect((await database.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  proxy.reset();
  const broken = await database.query("select 1").catch((error: unknown) => error);
  expect(isDatabaseOutage(broken)).toBe(true);
  proxy.heal();
  expect((await database.query("select 2 as two")).rows).toEqual([{ two: 2 }]);
  await database.end();
  await proxy.stop();
});

test("a connection that breaks between two statements of a transaction undoes it, and the next one gets another", async () => {
  const url = inject("templateUrl");
  const [database, other] = [await connect(url), await connect(url)];
  const broken = inTransaction(database, async (client) => {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    await other.query("select pg_terminate_backend($1)", [rows[0]!.pid]);
    await pause(200);
    await client.query("select 1");
  });
  await expect(broken).rejects.toSatisfy(isDatabaseOutage);
  expect(await inTransaction(database, async (client) => (await client.query("select 1 as one")).rows)).toEqual([
    { one: 1 },
  ]);
  await Promise.all([database.end(), other.end()]);
});

test("closing a pool doesn't wait for a server that doesn't answer", async () => {
  const url = inject("templateUrl");
  const proxy = await startTcpProxy(Number(new URL(url).port));
  const database = await connect(proxy.through(url));
  proxy.blackHole();
  const asked = database.query("select 1").catch(() => "unanswered");
  const from = Date.now();
  await closeDatabase(database, log);
  expect(Date.now() - from).toBeLessThan(4_000);
  await proxy.stop();
  expect(await asked).toBe("unanswered");
});
