import { afterAll, beforeAll, expect, test } from "vitest";
import { type FollowState, followScores } from "../../client/scores.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { lastScore, publishScores, upTo } from "../support/score-events.ts";
import { subscribe } from "../support/stream-client.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

/** What a client knows of a connection that tells it nothing. */

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

test("who asks for it is told how far it is, among the scores and while there are none for it", async () => {
  await publishScores(bed, 30);
  const plain = await subscribe(gateway.url, token, { from: 1 });
  const asking = await subscribe(gateway.url, token, { from: 1, channels: ["nowhere"], progress: 1 });
  await eventually("it is far", () => asking.frames.at(-1)?.sequence === 30, SOON);
  await publishScores(bed, 5);
  await eventually("it is further", () => asking.frames.at(-1)?.sequence === 35, SOON);
  expect(new Set(asking.frames.map(({ type }) => type))).toEqual(new Set(["progress"]));
  await eventually("the other one has all", () => plain.frames.length >= 35, SOON);
  expect(plain.sequences()).toEqual(upTo(35));
  expect(plain.frames).toHaveLength(35);

  const among = await subscribe(gateway.url, token, { from: 1, progress: 1 });
  await eventually("it is told both", () => among.frames.length >= 37, SOON);
  let newest = 0;
  for (const { type, sequence } of among.frames) {
    // Nothing that it says is done comes after it, and nothing before it is missing.
    expect(sequence).toBe(type === "score" ? newest + 1 : newest);
    newest = sequence;
  }
  for (const { ws } of [plain, asking, among]) ws.close();

  const wrong = await subscribe(gateway.url, token, { progress: 0 });
  expect(await wrong.closed).toEqual({
    code: 4400,
    reason: "progress must be a whole number of seconds from 1 to 60",
  });
});

test("a client notices within its time that the network is half open, and goes on exactly where it was", async () => {
  const proxy = await startTcpProxy(Number(new URL(gateway.url).port));
  const told: number[] = [];
  const states: FollowState["kind"][] = [];
  const last = await lastScore(bed);
  // It has been told no score that its place could be known by.
  const following = followScores({
    gateway: proxy.through(gateway.url),
    token: () => token,
    from: "now",
    channels: ["web"],
    silentAfterS: 3,
    onScore: (_, sequence) => told.push(sequence),
    onState: ({ kind }) => states.push(kind),
  });
  await eventually("it follows", () => states.length > 0, SOON);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const since = Date.now();
  proxy.halfOpen();
  await publishScores(bed, 20);
  await eventually("it has noticed", () => states.includes("away"), SOON);
  expect(Date.now() - since).toBeLessThan(6_000);
  await publishScores(bed, 20);
  const wanted = upTo(last + 40, last + 1).filter((sequence) => sequence % 2 === 1);
  await eventually("it has what came meanwhile", () => told.length >= wanted.length, SOON);
  // The gateway still writes to the dead connection; nothing of it may be told.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(told).toEqual(wanted);
  expect(states).toEqual(["open", "away", "open"]);
  following.stop();
  await proxy.stop();
});

test("asked for as a page, the stream says that it is a WebSocket", async () => {
  const response = await fetch(`${gateway.url}/v1/stream`);
  expect(response.status).toBe(426);
  expect(response.headers.get("upgrade")).toBe("websocket");
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  expect(await response.json()).toMatchObject({ title: "Upgrade required", status: 426, instance: "/v1/stream" });
});
