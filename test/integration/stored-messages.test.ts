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

/** A broker with a stream of 500 messages on subjects of their own, and a way to it that can be disturbed. */
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
  const publish = async (from: number, to: number) => {
    for (let n = from; n < to; n++) await jsm.jetstream().publish(subject(n), String(n));
  };
  await publish(0, 500);
  return { jsm, proxy, publish };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

test("what a stream holds is read whole, also when the broker's answers are lost with their connection", async () => {
  const { jsm, proxy } = await streamBehindProxy("DEADLETTERS", (n) => `deadletters.poison.${n}`);
  proxy.loseAnswersTo("$JS.API.CONSUMER.MSG.NEXT.DEADLETTERS", 2);
  const read: string[] = [];
  const selection = { stream: "DEADLETTERS", filter: "deadletters.*.*", headersOnly: false };
  for await (const message of storedMessages(jsm, selection, new AbortController().signal)) read.push(message.string());
  expect(proxy.answersToLose()).toBe(0);
  expect(read).toEqual(numbers(0, 500));
});

test("decisions are followed without a hole when the broker's answers are lost, and nothing else comes", async () => {
  const { jsm, proxy } = await streamBehindProxy("SCORES", (n) => `scores.web.approve.${n}`);
  proxy.loseAnswersTo("$JS.API.CONSUMER.MSG.NEXT.SCORES", 2);
  const stop = new AbortController();
  const options = { channel: "web", decision: "approve", from: "start", onWaiting: () => {} } as const;
  const read: string[] = [];
  for await (const { text } of followScores(jsm, { ...options, signal: stop.signal })) {
    read.push(text);
    if (read.length === 500) stop.abort();
  }
  expect(proxy.answersToLose()).toBe(0);
  expect(read).toEqual(numbers(0, 500));
});
