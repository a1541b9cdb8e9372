import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AckPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ack } from "../../src/platform/delivery.ts";
import { createLogger } from "../../src/platform/log.ts";
import { type Pull, pullMessages } from "../../src/platform/pull.ts";
import { eventually } from "../support/eventually.ts";
import { startTestBroker, type TestBroker } from "../support/test-broker.ts";

const ROOM = 10;
const SOON = { withinMs: 5_000, everyMs: 20 };
/** Longer than a request stays open at the broker. */
const REQUEST_EXPIRED_MS = 1_200;

let home: string;
let broker: TestBroker;
let nc: NatsConnection;
let js: JetStreamClient;
let jsm: JetStreamManager;
let pull: Pull;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-pull-"));
  broker = await startTestBroker(home);
  nc = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 50, reconnectJitter: 50 });
  js = jetstream(nc);
  jsm = await jetstreamManager(nc);
});
afterAll(async () => {
  await nc.close();
  await broker.stop();
  await rm(home, { recursive: true });
});

beforeEach(async () => {
  await jsm.streams.add({ name: "S", subjects: ["s.>"], retention: "workqueue" });
  await addConsumer();
  pull = pullMessages(nc, { stream: "S", consumer: "c", room: ROOM, log: createLogger("silent", "test") });
});
afterEach(async () => {
  await pull.stop();
  await jsm.streams.delete("S");
});

async function addConsumer(): Promise<void> {
  await jsm.consumers.add("S", { durable_name: "c", ack_policy: AckPolicy.Explicit });
}

async function publish(count: number, from = 0): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => js.publish("s.x", String(from + index))));
}

const isQueued = (count: number) => () => pull.queued().length === count;
const consumer = () => jsm.consumers.info("S", "c");

describe("a pull", () => {
  it("takes no more than there is room for, and asks again as room is made", async () => {
    await publish(35);
    await eventually("the room is full", isQueued(ROOM), SOON);
    await sleep(REQUEST_EXPIRED_MS);
    expect(pull.queued()).toHaveLength(ROOM);
    expect((await consumer()).num_ack_pending).toBe(ROOM);
    const seen: string[] = [];
    while (seen.length < 35) {
      await pull.available();
      expect(pull.queued().length).toBeLessThanOrEqual(ROOM);
      for (const message of pull.take(3)) {
        seen.push(message.string());
        ack(message);
      }
    }
    expect(seen.map(Number)).toEqual(Array.from({ length: 35 }, (_, index) => index));
    expect(pull.take(3)).toEqual([]);
  });

  it("tells as soon as a message waits, however long that takes", async () => {
    const waiting = pull.available();
    await sleep(REQUEST_EXPIRED_MS);
    const from = Date.now();
    await publish(1);
    await waiting;
    expect(Date.now() - from).toBeLessThan(500);
    expect(pull.take(5).map((message) => message.string())).toEqual(["0"]);
  });

  it("asks for nothing while it is held, and goes on when resumed", async () => {
    pull.hold();
    await sleep(REQUEST_EXPIRED_MS);
    await publish(3);
    await sleep(300);
    expect(pull.queued()).toEqual([]);
    expect((await consumer()).num_waiting).toBe(0);
    pull.resume();
    await eventually("the messages are there", isQueued(3), SOON);
  });

  it("goes on after the broker was killed and is back", async () => {
    await publish(1);
    await eventually("the first message is there", isQueued(1), SOON);
    for (const message of pull.take(1)) ack(message);
    await nc.flush();
    broker.kill();
    await broker.restart();
    await eventually(
      "the client is back",
      () =>
        nc.flush().then(
          () => true,
          () => false,
        ),
      SOON,
    );
    await publish(ROOM, 1);
    const isThere = () => pull.queued().some((message) => message.string() === String(ROOM));
    await eventually("the last message is there", isThere, SOON);
  });

  it("goes on after its consumer was deleted and made again", async () => {
    await jsm.consumers.delete("S", "c");
    await sleep(300);
    await addConsumer();
    await publish(2);
    await eventually("the messages are there", isQueued(2), SOON);
  });

  it("returns what was not taken when it stops, and leaves no request open at the broker", async () => {
    await publish(4);
    await eventually("the messages are there", isQueued(4), SOON);
    expect(pull.take(1)).toHaveLength(1);
    const left = await pull.stop();
    expect(left.map((message) => message.string())).toEqual(["1", "2", "3"]);
    expect((await consumer()).num_waiting).toBe(0);
    await publish(1);
    await sleep(100);
    expect((await consumer()).num_ack_pending).toBe(4);
    expect(pull.queued()).toEqual([]);
    await pull.available();
    expect(await pull.stop()).toEqual([]);
  });

  it("stops within two seconds, also when nobody has anything for it", async () => {
    const waiting = pull.available();
    const from = Date.now();
    await pull.stop();
    await waiting;
    expect(Date.now() - from).toBeLessThan(2_000);
  });
});
