import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { expect, onTestFinished, test } from "vitest";
import { followScores } from "../../src/ingest/score-tail.ts";
import { storedMessages } from "../../src/ingest/stored-messages.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { startTestBroker } from "../support/test-broker.ts";

/** A broker with a stream of 1,500 messages on subjects of their own, and a way to it that can be disturbed. */
async function streamBehindProxy(name: string, subject: (n: number) => string) {
  const home = await mkdtemp(join(tmpdir(), "plumbline-stored-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const broker = await startTestBroker(home);
  onTestFinished(broker.stop);
  const proxy = await startTcpProxy(Number(new URL(broker.url).port));
  onTestFinished(proxy.stop);
  const nc = await connect({ servers: proxy.through(broker.url), reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  onTestFinished(() => nc.close());
  const jsm = await jetstreamManager(nc);
  const subjects = [`${subject(0).split(".")[0]}.>`];
  await jsm.streams.add({ name, subjects });
  const publish = (from: number, to: number) =>
    Promise.all(numbers(from, to).map((n) => jsm.jetstream().publish(subject(Number(n)), n, { timeout: 20_000 })));
  await publish(0, MESSAGES);
  return { broker, jsm, proxy, publish, subjects };
}

const MESSAGES = 1_500;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

const DEAD_LETTERS = { stream: "DEADLETTERS", filter: "deadletters.*.*", headersOnly: false };

test("what a stream holds is read whole, also when the broker's answers are lost with their connection", async () => {
  const { jsm, proxy } = await streamBehindProxy("DEADLETTERS", (n) => `deadletters.poison.${n}`);
  proxy.loseAnswersTo("$JS.API.CONSUMER.MSG.NEXT.DEADLETTERS", 2);
  const read: string[] = [];
  const { signal } = new AbortController();
  for await (const message of storedMessages(jsm, DEAD_LETTERS, signal)) read.push(message.string());
  expect(proxy.answersToLose()).toBe(0);
  expect(read).toEqual(numbers(0, MESSAGES));
});

test("it is read whole when the broker is killed meanwhile, and forgets who reads", async () => {
  const { broker, jsm } = await streamBehindProxy("DEADLETTERS", (n) => `deadletters.poison.${n}`);
  const read: string[] = [];
  for await (const message of storedMessages(jsm, DEAD_LETTERS, new AbortController().signal)) {
    read.push(message.string());
    if (read.length !== 500) continue;
    await broker.kill();
    await broker.restart();
  }
  expect(read).toEqual(numbers(0, MESSAGES));
});

test("an abort ends reading at once", async () => {
  const { jsm } = await streamBehindProxy("DEADLETTERS", (n) => `deadletters.poison.${n}`);
  const stop = new AbortController();
  let read = 0;
  for await (const _ of storedMessages(jsm, DEAD_LETTERS, stop.signal)) if (++read === 10) stop.abort();
  expect(read).toBe(10);
});

const FROM_START = { channel: "web", decision: "approve", from: "start", onWaiting: () => {} } as const;

test("decisions are followed without a hole when the broker's answers are lost, and nothing else comes", async () => {
  const { jsm, proxy } = await streamBehindProxy("SCORES", (n) => `scores.web.approve.${n}`);
  proxy.loseAnswersTo("$JS.API.CONSUMER.MSG.NEXT.SCORES", 2);
  const stop = new AbortController();
  const read: string[] = [];
  for await (const { text } of followScores(jsm, { ...FROM_START, signal: stop.signal })) {
    read.push(text);
    if (read.length === MESSAGES) stop.abort();
  }
  expect(proxy.answersToLose()).toBe(0);
  expect(read).toEqual(numbers(0, MESSAGES));
});

test("decisions of a stream that was made anew are followed from its beginning", async () => {
  const { jsm, publish, subjects } = await streamBehindProxy("SCORES", (n) => `scores.web.approve.${n}`);
  const stop = new AbortController();
  const read: string[] = [];
  for await (const { text } of followScores(jsm, { ...FROM_START, signal: stop.signal })) {
    read.push(text);
    if (read.length === MESSAGES + 20) stop.abort();
    if (read.length !== MESSAGES) continue;
    await jsm.streams.delete("SCORES");
    await jsm.streams.add({ name: "SCORES", subjects });
    await publish(0, 20);
  }
  expect(read).toEqual([...numbers(0, MESSAGES), ...numbers(0, 20)]);
});
