import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { connectNats, createReplySubject, type NatsConnection } from "../../src/platform/nats.ts";
import { findProgram } from "../../src/platform/servers/find-program.ts";
import { choosePort } from "../../src/platform/servers/ports.ts";
import { eventually } from "../support/eventually.ts";

const log = createLogger("silent", "test");
/** Begins with a digit, and has what stands for something else in an address unless it is encoded. */
const PASSWORD = "1p@ss:w/rd";
const ENCODED = encodeURIComponent(PASSWORD);
let server: ChildProcess;

afterEach(async () => {
  server.kill("SIGKILL");
  await once(server, "exit");
});

async function startServer(...args: string[]): Promise<number> {
  const port = await choosePort(undefined, undefined);
  const program = await findProgram("nats-server", log);
  server = spawn(program, ["-a", "127.0.0.1", "-p", String(port), ...args], { stdio: "ignore" });
  return port;
}

function connectTo(url: string, giveUpAfterMs = 5_000): Promise<NatsConnection> {
  return connectNats({ url, name: "test", log, giveUpAfterMs });
}

async function isServed(connecting: Promise<NatsConnection>): Promise<boolean> {
  const nc = await connecting;
  await nc.flush();
  await nc.close();
  return true;
}

test("user and password, or a token, are taken from the address", async () => {
  const port = await startServer("--user", "scorer", "--pass", PASSWORD);
  expect(await isServed(connectTo(`nats://scorer:${ENCODED}@127.0.0.1:${port}`))).toBe(true);
  expect(await isServed(connectTo(`nats://scorer:${ENCODED}@127.0.0.1:1,nats://127.0.0.1:${port}`))).toBe(true);
  server.kill("SIGKILL");
  await once(server, "exit");
  const other = await startServer("--auth", PASSWORD);
  expect(await isServed(connectTo(`nats://${ENCODED}@127.0.0.1:${other}`))).toBe(true);
});

test("replies come below the user's name; a token, or a name that can't stand in a subject, is in none", async () => {
  const replySubject = async (address: string) => {
    const nc = await connectTo(address);
    await nc.close();
    return createReplySubject(nc);
  };
  const port = await startServer("--user", "scorer.one", "--pass", "p");
  expect(await replySubject(`nats://scorer.one:p@127.0.0.1:${port}`)).toMatch(/^_INBOX\.test\.\w+$/);
  server.kill("SIGKILL");
  await once(server, "exit");
  const second = await startServer("--user", "scorer-1", "--pass", "p");
  expect(await replySubject(`nats://scorer-1:p@127.0.0.1:${second}`)).toMatch(/^_INBOX\.scorer-1\.\w+$/);
  server.kill("SIGKILL");
  await once(server, "exit");
  const third = await startServer("--auth", "token-of-somebody");
  expect(await replySubject(`nats://token-of-somebody@127.0.0.1:${third}`)).toMatch(/^_INBOX\.test\.\w+$/);
});

test("a wrong password is told in a sentence that doesn't have it", async () => {
  const port = await startServer("--user", "scorer", "--pass", PASSWORD);
  await eventually("the server answers", () => isServed(connectTo(`nats://scorer:${ENCODED}@127.0.0.1:${port}`)), {
    withinMs: 5_000,
  });
  const refused = connectTo(`nats://scorer:hunter2@127.0.0.1:${port}`, 0);
  await expect(refused).rejects.toThrow(OperatorError);
  await expect(refused).rejects.toThrow(`cannot reach NATS at nats://127.0.0.1:${port}: `);
  await expect(refused).rejects.not.toThrow(/hunter2/);
});

test("an address with tls:// is not served without encryption", async () => {
  const port = await startServer();
  expect(await isServed(connectTo(`nats://127.0.0.1:${port}`))).toBe(true);
  const refused = connectTo(`tls://127.0.0.1:${port}`, 0);
  await expect(refused).rejects.toThrow(OperatorError);
  await expect(refused).rejects.toThrow(/^cannot reach NATS at tls:.*tls/);
});
