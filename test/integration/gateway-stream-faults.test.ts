import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type FollowState, followScores } from "../../client/scores.ts";
import { ROOT } from "../../src/app/environment.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { lastScore, publishScores, upTo } from "../support/score-events.ts";
import { subscribe } from "../support/stream-client.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createTestBed } from "../support/test-bed.ts";

const SOON = { withinMs: 10_000 };

test("what is no longer kept is said with the first that is", async () => {
  const own = await createTestBed();
  await own.createStreams();
  await publishScores(own, 50);
  await own.jsm.streams.purge("SCORES", { seq: 21 });
  const at = await startGateway(own);
  const { token: viewer } = await at.token("viewer");
  const client = await subscribe(at.url, viewer, { from: 5 });
  expect((await client.closed).code).toBe(4410);
  expect(client.frames).toEqual([
    {
      type: "error",
      code: 4410,
      detail: expect.stringContaining("the first sequence that is, is 21"),
      first_sequence: 21,
    },
  ]);
  const good = await subscribe(at.url, viewer, { from: 21 });
  await eventually("the rest has come", () => good.frames.length === 30, SOON);
  good.ws.close();
});

test("the client module catches up with a stream whose beginning goes faster than it can ask for it", async () => {
  const own = await createTestBed();
  const short = { SCORES_MAX_AGE: "4s", DUPLICATE_WINDOW: "1s" };
  await own.createStreams(short);
  let isPublishing = true;
  const publishing = (async () => {
    for (; isPublishing; await sleep(5)) await publishScores(own, 10);
  })();
  await eventually("the first have gone", async () => (await own.jsm.streams.info("SCORES")).state.first_seq > 1, SOON);
  const at = await startGateway(own, short);
  const proxy = await startTcpProxy(Number(new URL(at.url).port));
  // The broker's first is another one by the time that it is asked for.
  proxy.delay(50);
  const { token } = await at.token("viewer");
  const told: number[] = [];
  const gaps: number[] = [];
  const following = followScores({
    gateway: proxy.through(at.url),
    token: () => token,
    from: 1,
    onScore: (_, sequence) => told.push(sequence),
    onState: (state) => state.kind === "gap" && gaps.push(state.firstSequence),
  });
  await eventually("it is told what is kept", () => told.length > 500, SOON);
  following.stop();
  isPublishing = false;
  await publishing;
  expect(told).toEqual(upTo(told.at(-1)!, gaps.at(-1)));
  // One that asked for the first again and again would have a gap with every try.
  expect(gaps.length).toBeLessThanOrEqual(10);
  await proxy.stop();
});

test("those who never say who they are don't keep out those who do", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  const { token } = await at.token("viewer");
  const good = await subscribe(at.url, token, { from: 1 });
  const strangers: Socket[] = [];
  const open = async () => {
    const socket = connect({ port: Number(new URL(at.url).port), host: "127.0.0.1" });
    socket.on("error", () => {});
    socket.write(
      "GET /v1/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    strangers.push(socket);
    await once(socket, "data");
  };
  for (let opened = 0; opened < 5_000; opened += 250) await Promise.all(Array.from({ length: 250 }, open));
  const another = await subscribe(at.url, token, { from: 1 });
  await publishScores(own, 5);
  await eventually("both are told", () => good.frames.length === 5 && another.frames.length === 5, SOON);
  for (const socket of strangers) socket.destroy();
  good.ws.close();
  another.ws.close();
});

test("a client that reads nothing is closed as too slow, and holds up nobody", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  const { token: viewer } = await at.token("viewer");
  const stalled = await subscribe(at.url, viewer, { from: "now" });
  const good = await subscribe(at.url, viewer, { from: "now" });
  await eventually(
    "both are told scores",
    async () => {
      await publishScores(own, 1);
      return good.frames.length > 0 && stalled.frames.length > 0;
    },
    SOON,
  );
  stalled.ws.pause();
  for (let i = 0; i < 80; i++) await publishScores(own, 50, 4_000);
  const last = await lastScore(own);
  await eventually("the other one has all", () => good.sequences().at(-1) === last, SOON);
  await eventually(
    "the stalled one is given up",
    async () => /^plumbline_ws_closed_total\{reason="too_slow"\} 1$/m.test(await at.process.metrics()),
    { withinMs: 30_000 },
  );
  stalled.ws.resume();
  // The close frame waits behind what it didn't read, unless it was cut off before that.
  expect([1013, 1006]).toContain((await stalled.closed).code);
  const got = stalled.sequences();
  expect(got).toEqual(upTo(got.at(-1)!, got[0]));
  expect(good.sequences()).toEqual(upTo(last, good.sequences()[0]));
}, 60_000);

test("the client module goes on where it was when the gateway is killed and started again", async () => {
  const own = await createTestBed();
  const first = await startGateway(own);
  const { token: viewer } = await first.token("viewer");
  const port = new URL(first.url).port;
  const told: number[] = [];
  const states: FollowState["kind"][] = [];
  const following = followScores({
    gateway: first.url,
    token: () => viewer,
    from: 1,
    onScore: (_, sequence) => told.push(sequence),
    onState: ({ kind }) => states.push(kind),
  });
  await publishScores(own, 40);
  await eventually("the first ones are told", () => told.length === 40, SOON);
  first.process.signal("SIGKILL");
  await first.process.ended;
  await publishScores(own, 40);
  await startGateway(own, { PLUMBLINE_PORT: port });
  await publishScores(own, 40);
  await eventually("all are told", () => told.length >= 120, { withinMs: 20_000 });
  expect(told).toEqual(upTo(120));
  expect(following.lastSequence()).toBe(120);
  expect(states).toEqual(expect.arrayContaining(["open", "away"]));
  following.stop();

  const refused = Promise.withResolvers<FollowState>();
  followScores({
    gateway: first.url,
    token: () => "nonsense",
    onScore: () => {},
    onState: (state) => state.kind === "refused" && refused.resolve(state),
  });
  expect(await refused.promise).toMatchObject({ kind: "refused", code: 4401 });
});

test("the example in docs/stream.md prints decisions, and ends when it is refused", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  await publishScores(own, 3);
  const { token: viewer } = await at.token("viewer");
  const run = (PLUMBLINE_TOKEN: string) =>
    spawn(process.execPath, [join(ROOT, "examples/follow-decisions.ts"), at.url, "1"], {
      env: { ...process.env, PLUMBLINE_TOKEN },
    });
  const refused = run("nonsense");
  const [said, [code]] = await Promise.all([text(refused.stderr), once(refused, "exit")]);
  expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining("refused (4401)") });

  const following = run(viewer);
  const printed = text(following.stdout);
  await once(following.stdout, "data");
  following.kill("SIGINT");
  expect(await printed).toMatch(/^1 {2}A-0 {2}web {2}approve/);
});
