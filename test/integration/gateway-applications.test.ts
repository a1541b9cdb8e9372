import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ScoreEvent } from "../../src/contracts/score.ts";
import { amended, makeApplication, reworded } from "../support/applications.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { problemOf } from "../support/problem.ts";
import { randomFrom } from "../support/seed.ts";
import { createBedWithPostgres, createTestBed, type TestBed } from "../support/test-bed.ts";

const WEB = "/v1/applications?channel=web";
const random = randomFrom(20_261_121);
const application = (id: string) => makeApplication(id, random);

/** With the body as it stands. */
const send = (gateway: TestGateway, path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  gateway.ask("publisher", path, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });

async function scoredBed(): Promise<{ bed: TestBed; gateway: TestGateway }> {
  const bed = await createTestBed();
  const scorer = bed.startScorer();
  const [gateway] = await Promise.all([startGateway(bed), scorer.ready()]);
  return { bed, gateway };
}

test("an application is accepted, decided once, and answered with its score from then on", async () => {
  const { bed, gateway } = await scoredBed();
  const sent = { ...application("A-1"), protected: { sex: "female", age: 34 } };
  const first = await gateway.post("publisher", WEB, sent);
  expect(first.status).toBe(202);
  expect(first.headers.get("cache-control")).toBe("no-store");
  expect(await first.json()).toEqual({ application_id: "A-1", sequence: 1 });
  await drained(bed);

  const message = await bed.jsm.streams.getMessage("SCORES", { last_by_subj: "scores.web.*.A-1" });
  const score = message!.json<ScoreEvent>();
  for (const body of [JSON.stringify(sent), reworded(sent)]) {
    const again = await send(gateway, WEB, body);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(score);
  }
  // The channel that it came by first is the one that counts.
  expect((await send(gateway, "/v1/applications?channel=branch", JSON.stringify(sent))).status).toBe(200);

  const others = [amended(sent), JSON.stringify({ ...sent, protected: { sex: "female", age: 35 } })];
  for (const body of [...others, JSON.stringify({ ...sent, submitted_at: "2026-05-05T05:05:05.000Z" })]) {
    const conflict = await send(gateway, WEB, body);
    expect(conflict.status).toBe(409);
    expect((await problemOf(conflict)).errors).toMatchObject([{ field: "application_id" }]);
  }
  expect((await bed.jsm.streams.info("SCORES")).state.messages).toBe(1);
  expect((await bed.jsm.streams.info("DEADLETTERS")).state.messages).toBe(0);
});

test("wait answers with the very score that is published, and with 202 when the time is up", async () => {
  const { bed, gateway } = await scoredBed();
  const scored = await gateway.post("publisher", `${WEB}&wait=10s`, application("W-1"));
  expect(scored.status).toBe(200);
  expect(scored.headers.get("content-type")).toBe("application/json; charset=utf-8");
  const message = await bed.jsm.streams.getMessage("SCORES", { last_by_subj: "scores.web.*.W-1" });
  expect(await scored.text()).toBe(message!.string());

  const many = Array.from({ length: 50 }, (_, index) => application(`W-many-${index}`));
  const answers = await Promise.all(many.map((one) => gateway.post("publisher", `${WEB}&wait=10s`, one)));
  const scores = (await Promise.all(answers.map((answer) => answer.json()))) as ScoreEvent[];
  expect(scores.map(({ application_id }) => application_id)).toEqual(many.map(({ application_id }) => application_id));

  await bed.stopScorers();
  const gatewayAgain = await startGateway(bed);
  const from = performance.now();
  const late = await gatewayAgain.post("publisher", `${WEB}&wait=300ms`, application("W-2"));
  expect(performance.now() - from).toBeGreaterThan(290);
  expect(late.status).toBe(202);
  expect(await late.json()).toMatchObject({ application_id: "W-2" });

  // Whoever waits when the gateway stops is answered all the same.
  const waiting = gatewayAgain.post("publisher", `${WEB}&wait=30s`, application("W-3"));
  await sleep(300);
  const stopped = gatewayAgain.process.stop();
  expect((await waiting).status).toBe(202);
  await stopped;
});

test("nobody who waits is answered with the score of another application that has the same id", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const [first, second] = [application("W-4"), application("W-5")];
  // By another way than the gateway, and not decided yet: nothing tells the gateway of them.
  for (const sent of [first, second]) await bed.js.publish("applications.web", JSON.stringify(sent));
  const waits = [amended(first), reworded(second)].map((body) => send(gateway, `${WEB}&wait=20s`, body));
  const areIn = async () => (await bed.jsm.streams.info("APPLICATIONS")).state.last_seq === 4;
  await eventually("all are in the stream", areIn, { withinMs: 5_000 });
  await bed.startScorer().ready();
  const [other, same] = await Promise.all(waits);
  expect(other!.status).toBe(409);
  expect(same!.status).toBe(200);
  expect(await same!.json()).toMatchObject({ application_id: "W-5", sequence: 2 });
});

test("what isn't valid is refused with its fields and never reaches the stream", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const { features, ...rest } = application("V-1");
  const text = (value: object) => JSON.stringify(value);
  const { term_months: _, ...unfinished } = features;
  const cases: [string, string, number, string[]][] = [
    ["a wrong type", text({ ...rest, features: { ...features, loan_amount: "7500" } }), 422, ["features.loan_amount"]],
    ["a missing feature", text({ ...rest, features: unfinished }), 422, ["features.term_months"]],
    ["no features", text(rest), 422, ["features"]],
    ["a bad id", text({ ...rest, application_id: "a b", features }), 422, ["application_id"]],
    ["no time", text({ ...rest, submitted_at: "soon", features }), 422, ["submitted_at"]],
    ["several", text({ features: { ...features, dti: [] } }), 422, ["application_id", "features.dti", "submitted_at"]],
    ["a number beyond all", text({ ...rest, features }).replace('"dti":', '"x":1e999,"dti":'), 422, ["the event"]],
    ["NUL", text({ ...rest, features: { ...features, purpose: "\0" } }), 422, ["the event"]],
    ["no JSON", "{", 422, ["the event"]],
    ["nothing", "", 422, ["the event"]],
    ["a list", "[]", 422, ["the event"]],
    ["a long text", text({ ...rest, features: { ...features, note: "x".repeat(300_000) } }), 413, ["the event"]],
  ];
  for (const path of [WEB, "/v1/applications/validate"]) {
    for (const [what, body, status, fields] of cases) {
      const answer = await send(gateway, path, body);
      expect({ what, status: answer.status }).toEqual({ what, status });
      const problem = await problemOf(answer);
      expect({ what, fields: problem.errors?.map(({ field }) => field).sort() }).toEqual({ what, fields });
    }
    expect((await send(gateway, path, "x".repeat(2 ** 20 + 1))).status).toBe(413);
    expect((await send(gateway, path, "<a/>", { "content-type": "text/xml" })).status).toBe(415);
    expect((await send(gateway, path, "{}", { "content-type": "text/plain" })).status).toBe(415);
  }
  for (const query of [
    "",
    "?channel=",
    "?channel=WEB",
    "?channel=web&wait=soon",
    "?channel=web&wait=31s",
    "?channel=web&x=1",
  ]) {
    const answer = await gateway.post("publisher", `/v1/applications${query}`, { ...rest, features });
    expect({ query, status: answer.status }).toEqual({ query, status: 400 });
    expect((await problemOf(answer)).errors).toHaveLength(1);
  }
  expect((await bed.jsm.streams.info("APPLICATIONS")).state.last_seq).toBe(0);
});

test("validate says what a model would not see, and publishes nothing", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const one = application("V-2");
  const sent = { ...one, features: { ...one.features, purpose: "yacht", annual_income: 1e12, dti: null } };
  const answer = await gateway.post("publisher", "/v1/applications/validate", sent);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    valid: true,
    application_id: "V-2",
    scored_as_missing: expect.arrayContaining([
      { feature: "purpose", reason: "unseen" },
      { feature: "annual_income", reason: "out_of_range" },
      { feature: "dti", reason: "missing" },
    ]),
  });
  expect((await bed.jsm.streams.info("APPLICATIONS")).state.last_seq).toBe(0);
});

test("the bytes are published as they came, under the recommended id, with their trace", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const body = JSON.stringify(application("B-1"), null, 3);
  const answer = await send(gateway, WEB, body, { traceparent, "ce-type": "loan", "x-other": "stays" });
  expect(answer.status).toBe(202);
  const message = await bed.jsm.streams.getMessage("APPLICATIONS", { seq: 1 });
  expect(message!.string()).toBe(body);
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 16);
  expect(message!.header.get("Nats-Msg-Id")).toBe(`B-1:${digest}`);
  expect(message!.header.get("traceparent")).toBe(traceparent);
  expect(message!.header.get("ce-type")).toBe("loan");
  expect(message!.header.has("x-other")).toBe(false);

  // Not decided yet: the same again is the same, something else is refused at once.
  expect(await (await send(gateway, WEB, body)).json()).toEqual({ application_id: "B-1", sequence: 1 });
  expect((await send(gateway, WEB, amended(JSON.parse(body)))).status).toBe(409);
  expect((await bed.jsm.streams.info("APPLICATIONS")).state.last_seq).toBe(1);
});

test("a stream that is full refuses with Retry-After, and takes what comes again when there is room", async () => {
  const full = { APPLICATIONS_MAX_MESSAGES: "2" };
  const bed = await createTestBed(full);
  const gateway = await startGateway(bed);
  const [a, b, c] = ["F-1", "F-2", "F-3"].map(application);
  for (const one of [a, b]) expect((await gateway.post("publisher", WEB, one)).status).toBe(202);
  const refused = await gateway.post("publisher", WEB, c);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await problemOf(refused)).detail).toContain("full");
  await bed.jsm.streams.purge("APPLICATIONS");
  expect((await gateway.post("publisher", WEB, c)).status).toBe(202);
});

test("servers that are away are 503 with Retry-After, and what was sent meanwhile can be sent again", async () => {
  const bed = await createBedWithPostgres();
  const gateway = await startGateway(bed);
  expect((await gateway.post("publisher", WEB, application("O-0"))).status).toBe(202);
  await bed.postgres.stopImmediately();
  const withoutDatabase = await gateway.post("publisher", WEB, application("O-1"));
  expect(withoutDatabase.status).toBe(503);
  expect(withoutDatabase.headers.get("retry-after")).toBe("2");
  await bed.postgres.restart();

  bed.broker.kill();
  await sleep(200);
  const withoutBroker = await gateway.post("publisher", WEB, application("O-1"));
  expect(withoutBroker.status).toBe(503);
  expect((await problemOf(withoutBroker)).detail).toMatch(/broker/);
  await bed.broker.restart();
  const sent = application("O-2");
  await expect.poll(async () => (await gateway.post("publisher", WEB, sent)).status, { timeout: 15_000 }).toBe(202);
});
