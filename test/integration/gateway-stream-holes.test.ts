import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Expired, readHistory } from "../../src/gateway/stream/history.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { lastScore, publishScores, upTo } from "../support/score-events.ts";
import { subscribe } from "../support/stream-client.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

const SOON = { withinMs: 10_000 };
let bed: TestBed;
let end: () => Promise<void>;

beforeAll(async () => {
  ({ bed, end } = await createSharedBed());
  await bed.createStreams();
});
afterAll(() => end());

test("history that goes while it is read is not taken for its end", async () => {
  await publishScores(bed, 300);
  const first = (await lastScore(bed)) - 299;
  const history = readHistory(bed.jsm, first, new AbortController().signal);
  const { value = [] } = (await history.next()) as { value?: { sequence: number }[] };
  expect(value.map((score) => score.sequence)).toEqual(upTo(first + 199, first));
  await bed.jsm.streams.purge("SCORES");
  await expect(history.next()).rejects.toThrow(Expired);
});

test("history whose last part is lost on the way is asked for again", async () => {
  await publishScores(bed, 300);
  const first = (await lastScore(bed)) - 299;
  const proxy = await startTcpProxy(Number(new URL(bed.broker.url).port));
  const nc = await connect({ servers: proxy.through(bed.broker.url), maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const history = readHistory(await jetstreamManager(nc), first, new AbortController().signal);
  const told: number[] = [];
  for await (const portion of history) {
    told.push(...portion.map(({ sequence }) => sequence));
    // The broker counts as delivered what it sends into a connection that breaks.
    if (portion.at(-1)?.sequence === first + 199) proxy.loseAnswersTo("CONSUMER.MSG.NEXT", 1);
  }
  expect(proxy.answersToLose()).toBe(0);
  expect(told).toEqual(upTo(first + 299, first));
  await nc.close();
  await proxy.stop();
});

test("a step over messages that were deleted, from the broker's to those in memory, goes on", async () => {
  await publishScores(bed, 30);
  const last = await lastScore(bed);
  for (const gone of [last - 1, last]) await bed.jsm.streams.deleteMessage("SCORES", gone);
  const gateway = await startGateway(bed);
  await publishScores(bed, 5);
  const client = await subscribe(gateway.url, (await gateway.token("viewer")).token, { from: last - 9 });
  const kept = [...upTo(last - 2, last - 9), ...upTo(last + 5, last + 1)];
  await eventually("all that is kept is told", () => client.frames.length === kept.length, SOON);
  expect(client.sequences()).toEqual(kept);
  client.ws.close();
  await gateway.process.stop();
});

test("scores that are lost on the way to the gateway are told although none comes after them", async () => {
  const proxy = await startTcpProxy(Number(new URL(bed.broker.url).port));
  const gateway = await startGateway(bed, { NATS_URL: proxy.through(bed.broker.url) });
  const last = await lastScore(bed);
  const client = await subscribe(gateway.url, (await gateway.token("viewer")).token, { from: last + 1 });
  await publishScores(bed, 5);
  await eventually("the first ones are told", () => client.frames.length === 5, SOON);
  // The broker sends them and counts them as delivered.
  proxy.blackHole();
  await publishScores(bed, 20);
  proxy.reset();
  proxy.heal();
  await eventually("all are told", () => client.frames.length === 25, { withinMs: 20_000 });
  expect(client.sequences()).toEqual(upTo(last + 25, last + 1));
  client.ws.close();
  await gateway.process.stop();
  await proxy.stop();
});

test("scores that were gone before the gateway saw them are not left out in silence", async () => {
  const proxy = await startTcpProxy(Number(new URL(bed.broker.url).port));
  const gateway = await startGateway(bed, { NATS_URL: proxy.through(bed.broker.url) });
  const { token } = await gateway.token("viewer");
  const last = await lastScore(bed);
  const client = await subscribe(gateway.url, token, { from: last + 1 });
  await publishScores(bed, 5);
  await eventually("the first ones are told", () => client.frames.length === 5, SOON);
  proxy.reset();
  await eventually("it has noticed", () => gateway.process.log().includes("NATS is away"), SOON);
  await publishScores(bed, 20);
  await bed.jsm.streams.purge("SCORES", { seq: last + 16 });
  proxy.heal();
  expect((await client.closed).code).toBe(4410);
  expect(client.sequences().slice(0, 5)).toEqual(upTo(last + 5, last + 1));
  expect(client.frames.at(-1)).toMatchObject({ type: "error", first_sequence: last + 16 });
  const next = await subscribe(gateway.url, token, { from: last + 16 });
  await eventually("the rest is told", () => next.frames.length === 10, SOON);
  expect(next.sequences()).toEqual(upTo(last + 25, last + 16));
  next.ws.close();
  await gateway.process.stop();
  await proxy.stop();
});
