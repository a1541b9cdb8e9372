import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { lastScore, publishScores, upTo } from "../support/score-events.ts";
import { randomFrom } from "../support/seed.ts";
import { openStream, subscribe } from "../support/stream-client.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

/** Score events are published as scorers do it; who follows them must have each once and in order. */

const SOON = { withinMs: 10_000 };

let bed: TestBed;
let end: () => Promise<void>;
let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  ({ bed, end } = await createSharedBed());
  gateway = await startGateway(bed);
  ({ token } = await gateway.token("viewer"));
});
afterAll(() => end());

const publish = (count: number) => publishScores(bed, count);
const lastSequence = () => lastScore(bed);

test("a client is told each score once and in order: those that are kept, and those that come", async () => {
  await publish(300);
  const client = await subscribe(gateway.url, token);
  await publish(200);
  const last = await lastSequence();
  await eventually("all scores have come", () => client.frames.length >= last, SOON);
  await publish(50);
  await eventually("those to come have come", () => client.frames.length >= last + 50, SOON);
  expect(client.sequences()).toEqual(upTo(last + 50));
  const stored = await bed.jsm.streams.getMessage("SCORES", { seq: 7 });
  expect(client.frames[6]).toEqual({ type: "score", sequence: 7, score: stored!.json() });
  client.ws.close();
});

test("filters let through what was asked for, and `now` only what comes", async () => {
  const filtered = await subscribe(gateway.url, token, { channels: ["web"], decisions: ["decline", "refer"] });
  const fromNow = await subscribe(gateway.url, token, { from: "now" });
  const before = await lastSequence();
  // Its subscription is known to have been taken when it is told something.
  await eventually(
    "the new one is told what comes",
    async () => {
      await publish(6);
      return fromNow.frames.length > 0;
    },
    SOON,
  );
  const last = await lastSequence();
  const wanted = upTo(last).filter((sequence) => (sequence - 1) % 2 === 0 && (sequence - 1) % 3 !== 0);
  await eventually("the wanted ones have come", () => filtered.frames.length >= wanted.length, SOON);
  expect(filtered.sequences()).toEqual(wanted);
  expect(fromNow.sequences()[0]).toBeGreaterThan(before);
  await eventually("the newest has come", () => fromNow.sequences().at(-1) === last, SOON);
  filtered.ws.close();
  fromNow.ws.close();
});

test("whoever comes back again and again, while scores are made, misses none and sees none twice", async () => {
  const random = randomFrom(4);
  let isDone = false;
  const producing = (async () => {
    for (let i = 0; i < 60; i++) await publish(25);
    isDone = true;
  })();
  const first = (await lastSequence()) + 1;
  const seen: number[] = [];
  while (!isDone || seen.at(-1) !== (await lastSequence())) {
    const client = await subscribe(gateway.url, token, { from: (seen.at(-1) ?? first - 1) + 1 });
    await new Promise((resolve) => setTimeout(resolve, 5 + random.below(60)));
    client.ws.terminate();
    seen.push(...client.sequences());
  }
  await producing;
  expect(seen).toEqual(upTo(await lastSequence(), first));
});

test("the first frame must come in time and be right, with a token that may read", async () => {
  const publisher = await gateway.token("publisher");
  const cases: [string | Buffer, number, RegExp][] = [
    ["no JSON", 4400, /must be JSON/],
    ["[]", 4400, /object/],
    [JSON.stringify({ type: "hello" }), 4400, /type must be/],
    [JSON.stringify({ type: "subscribe", token, from: 0 }), 4400, /from must be/],
    [JSON.stringify({ type: "subscribe", token, from: "1" }), 4400, /from must be/],
    [JSON.stringify({ type: "subscribe", token, from: 1, channels: ["A B"] }), 4400, /channels/],
    [JSON.stringify({ type: "subscribe", token, from: 1, decisions: ["maybe"] }), 4400, /decisions/],
    [JSON.stringify({ type: "subscribe", token, from: 1, extra: true }), 4400, /only type, token/],
    [JSON.stringify({ type: "subscribe", from: 1 }), 4400, /token/],
    [Buffer.from("{}"), 4400, /text/],
    [JSON.stringify({ type: "subscribe", token: "nonsense", from: 1 }), 4401, /token/],
    [JSON.stringify({ type: "subscribe", token: publisher.token, from: 1 }), 4401, /token/],
  ];
  for (const [frame, code, reason] of cases) {
    const client = await openStream(gateway.url);
    client.ws.send(frame);
    expect({ frame: String(frame), ...(await client.closed) }).toEqual({
      frame: String(frame),
      code,
      reason: expect.stringMatching(reason),
    });
    expect(client.frames).toEqual([]);
  }
  const twice = await subscribe(gateway.url, token, { from: "now" });
  twice.ws.send(JSON.stringify({ type: "subscribe", token, from: 1 }));
  expect(await twice.closed).toMatchObject({ code: 4400, reason: "a connection subscribes once" });
  const silent = await openStream(gateway.url);
  const large = await openStream(gateway.url);
  large.ws.send("x".repeat(17 * 1024));
  expect((await large.closed).code).toBe(1009);
  expect((await silent.closed).code).toBe(4400);
});

test("other pages may not connect, and programs may", async () => {
  const refused = new WebSocket(`${gateway.url.replace("http", "ws")}/v1/stream`, {
    origin: "https://evil.example.com",
  });
  const [, response] = await once(refused, "unexpected-response");
  expect(response.statusCode).toBe(403);
  const own = await openStream(gateway.url, { origin: gateway.url });
  own.ws.close();
  const elsewhere = new WebSocket(`${gateway.url.replace("http", "ws")}/v1/other`);
  expect((await once(elsewhere, "unexpected-response"))[1].statusCode).toBe(404);
});

test("a token that is revoked ends its connections", async () => {
  const revoked = await gateway.token("viewer");
  const client = await subscribe(gateway.url, revoked.token, { from: "now" });
  await bed.database.query("update plumbline.tokens set revoked_at = now() where id = $1", [revoked.id]);
  expect(await client.closed).toMatchObject({ code: 4401 });
}, 40_000);

test("thousands of random frames and bytes end connections, and nothing else", async () => {
  const random = randomFrom(9);
  const good = await subscribe(gateway.url, token, { from: "now" });
  const started = Buffer.from(JSON.stringify({ type: "subscribe", token, channels: [], decisions: [], from: "now" }));
  for (let round = 0; round < 100; round++) {
    const clients = await Promise.all(Array.from({ length: 10 }, () => openStream(gateway.url)));
    for (const { ws } of clients) {
      ws.on("error", () => {});
      for (let i = 0; i < 10; i++) {
        const frame = mutated(started, random);
        if (random.next() < 0.3) ws.ping(randomBytes(random.below(120)));
        else if (random.next() < 0.1) (ws as unknown as { _socket: NodeJS.WritableStream })._socket.write(frame);
        else ws.send(frame, { binary: random.next() < 0.2 });
      }
    }
    for (const { ws } of clients) ws.terminate();
  }
  const raw = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  raw.on("error", () => {}).resume();
  raw.write(
    `GET /v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: bad\r\n\r\n`,
  );
  await once(raw, "close");
  expect(gateway.process.hasEnded()).toBe(false);
  await publish(3);
  const last = await lastSequence();
  await eventually("the good one is told all the same", () => good.sequences().at(-1) === last, SOON);
  good.ws.close();
  await eventually(
    "nobody is connected any more",
    async () => /^plumbline_ws_clients 0$/m.test(await gateway.process.metrics()),
    SOON,
  );
}, 60_000);

function mutated(frame: Buffer, random: ReturnType<typeof randomFrom>): Buffer {
  const copy = Buffer.from(frame);
  for (let i = 0; i <= random.below(4); i++) copy[random.below(copy.length)] = random.below(256);
  return copy.subarray(0, random.below(copy.length + 1));
}
