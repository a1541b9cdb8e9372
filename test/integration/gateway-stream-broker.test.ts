import { expect, test } from "vitest";
import { followScores } from "../../client/scores.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { lastScore, publishScores, upTo } from "../support/score-events.ts";
import { subscribe } from "../support/stream-client.ts";
import { createTestBed } from "../support/test-bed.ts";

const SOON = { withinMs: 10_000 };

test("followers go on when the broker is killed and comes back, without a hole", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  const { token } = await at.token("viewer");
  const client = await subscribe(at.url, token, { from: 1 });
  let told = 0;
  for (let kills = 0; kills < 3; kills++) {
    await publishScores(own, 20);
    told += 20;
    await eventually("those before the outage are told", () => client.frames.length === told, SOON);
    own.broker.kill();
    await own.broker.restart();
    await eventually(
      "the broker takes scores again",
      () =>
        own.jsm.streams.info("SCORES").then(
          () => true,
          () => false,
        ),
      { withinMs: 20_000 },
    );
    await publishScores(own, 20);
    told += 20;
    await eventually("those after it are told", () => client.frames.length === told, SOON);
  }
  expect(client.sequences()).toEqual(upTo(await lastScore(own)));
}, 120_000);

test("a stream that is made anew ends who follows the old one", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  const { token } = await at.token("viewer");
  await publishScores(own, 30);
  const client = await subscribe(at.url, token, { from: 1 });
  await eventually("all are told", () => client.frames.length === 30, SOON);
  await own.jsm.streams.delete("SCORES");
  await own.createStreams();
  await publishScores(own, 5);
  expect((await client.closed).code).toBe(4410);
  // Without it a client would go on after its last sequence, and leave out what the new stream has before that.
  expect(client.frames.at(-1)).toMatchObject({ type: "error", code: 4410, first_sequence: 1 });
  const next = await subscribe(at.url, token, { from: 1 });
  await eventually("those of the new one are told", () => next.frames.length === 5, SOON);
  await publishScores(own, 5);
  await eventually("and what comes", () => next.frames.length === 10, SOON);
  expect(next.sequences()).toEqual(upTo(10));
  next.ws.close();
});

test("a sequence that the stream hasn't come to is of another stream: it isn't waited for in silence", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  const { token } = await at.token("viewer");
  await publishScores(own, 5);
  const beyond = await subscribe(at.url, token, { from: 7 });
  expect((await beyond.closed).code).toBe(4410);
  expect(beyond.frames).toMatchObject([{ type: "error", code: 4410, first_sequence: 1 }]);
  const next = await subscribe(at.url, token, { from: 6 });
  await eventually(
    "it is told what comes",
    async () => {
      await publishScores(own, 1);
      return next.frames.length > 0;
    },
    SOON,
  );
  expect(next.sequences()[0]).toBe(6);
  next.ws.close();
});

test("a flood of pings ends the connection, which would otherwise pile up their answers", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  const { token } = await at.token("viewer");
  const flooding = await subscribe(at.url, token, { from: "now" });
  flooding.ws.on("error", () => {});
  for (let i = 0; i < 1_000; i++) flooding.ws.ping();
  expect((await flooding.closed).code).toBe(1006);
  expect(await at.process.metrics()).toMatch(/^plumbline_ws_closed_total\{reason="bad_frame"\} 1$/m);
});

test("the client module asks for another token when the one that it has was revoked", async () => {
  const own = await createTestBed();
  const at = await startGateway(own);
  const tokens = [await at.token("viewer"), await at.token("viewer")];
  const told: number[] = [];
  let current = tokens[0]!;
  const following = followScores({
    gateway: at.url,
    token: () => current.token,
    from: 1,
    onScore: (_, sequence) => told.push(sequence),
  });
  await publishScores(own, 5);
  await eventually("the first ones are told", () => told.length === 5, SOON);
  current = tokens[1]!;
  await own.database.query("update plumbline.tokens set revoked_at = now() where id = $1", [tokens[0]!.id]);
  await eventually(
    "the connection has ended",
    async () => /^plumbline_ws_closed_total\{reason="unauthenticated"\} 1$/m.test(await at.process.metrics()),
    { withinMs: 30_000 },
  );
  await publishScores(own, 5);
  await eventually("the others are told", () => told.length === 10, SOON);
  expect(told).toEqual(upTo(10));
  following.stop();
}, 90_000);
