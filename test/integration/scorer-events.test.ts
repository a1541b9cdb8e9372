import { connect } from "node:net";
import { headers } from "@nats-io/transport-node";
import { connect as connectV2, headers as headersV2 } from "nats";
import { expect, test } from "vitest";
import { recommendedMessageId } from "../../src/contracts/content.ts";
import { makeApplication } from "../support/applications.ts";
import { checkDelivery } from "../support/checker.ts";
import { readStream, type StreamMessage } from "../support/delivered.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { outgoing } from "../support/load.ts";
import { publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

test("a number out of range and a category that isn't listed are scored as missing, and counted", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const base = makeApplication("base", randomFrom(5));
  base.features = {
    ...base.features,
    loan_amount: 24_000,
    term_months: 60,
    annual_income: 42_000,
    home_ownership: "own",
  };
  const variant = (id: string, change: object) =>
    outgoing("web", JSON.stringify({ ...base, application_id: id, features: { ...base.features, ...change } }));
  const published = await publishAll(bed.js, [
    variant("income-absent", { annual_income: undefined }),
    variant("income-null", { annual_income: null }),
    variant("income-high", { annual_income: 1e10 }),
    variant("income-low", { annual_income: -1 }),
    variant("home-absent", { home_ownership: undefined }),
    variant("home-unseen", { home_ownership: "houseboat" }),
    variant("required-high", { loan_amount: 1e12 }),
    variant("required-low", { loan_amount: -5 }),
    variant("required-unseen", { purpose: "yacht" }),
    variant("unused", { favourite_colour: "green", lucky: true }),
    variant("plain", {}),
  ]);
  const scorer = bed.startScorer();
  await scorer.ready();
  await drained(bed);
  const metrics = await scorer.metrics();
  await bed.stopScorers();

  expect(await checkDelivery(bed, published)).toMatchObject({ violations: [], decisions: 11 });
  const { rows } = await bed.database.query("select application_id as id, score from scores");
  const score = new Map(rows.map((row) => [row.id, row.score]));
  for (const id of ["income-null", "income-high", "income-low"])
    expect([id, score.get(id)]).toEqual([id, score.get("income-absent")]);
  expect(score.get("home-unseen")).toBe(score.get("home-absent"));
  expect(score.get("required-high")).toBe(score.get("required-low"));
  expect(score.get("unused")).toBe(score.get("plain"));
  for (const id of ["required-high", "income-absent", "home-absent"])
    expect(score.get(id)).not.toBe(score.get("plain"));
  const counted = (name: string, feature: string) =>
    Number(new RegExp(`^plumbline_feature_${name}_total\\{feature="${feature}"\\} (\\d+)`, "m").exec(metrics)?.[1]);
  expect(counted("out_of_range", "annual_income")).toBe(2);
  expect(counted("out_of_range", "loan_amount")).toBe(2);
  expect(counted("unseen", "purpose")).toBe(1);
  expect(counted("missing", "annual_income")).toBe(2);
});

test("trace context and CloudEvents attributes go with the score and the dead letter, other headers stay behind", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const carried = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: `rojo=00f067aa0ba902b7,congo=${"x".repeat(480)}`,
    "ce-id": "7f3c",
    "ce-source": `urn:bank:${"branch:".repeat(80)}`,
    "ce-subject": "Zürich",
  };
  const sent = headers();
  for (const [name, value] of Object.entries({ ...carried, "X-Token": "secret", "ce-huge": "x".repeat(5_000) })) {
    sent.set(name, value);
  }
  const good = outgoing("web", JSON.stringify(makeApplication("traced", randomFrom(1))));
  const published = await publishAll(bed.js, [
    { ...good, headers: sent },
    { ...outgoing("web", "{"), expected: "malformed_json", headers: sent },
    outgoing("web", JSON.stringify(makeApplication("untraced", randomFrom(2)))),
  ]);
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();

  expect((await checkDelivery(bed, published)).violations).toEqual([]);
  const results = await readStream(bed.js, bed.jsm, "SCORES");
  const result = (id: string) => results.find(({ subject }) => subject.endsWith(`.${id}`))!;
  expect(headersOf(result("traced"))).toEqual(carried);
  expect(headersOf(result("untraced"))).toEqual({});
  const [letter] = await readStream(bed.js, bed.jsm, "DEADLETTERS");
  expect(headersOf(letter!)).toMatchObject(carried);
  expect(headersOf(letter!)).not.toHaveProperty("X-Token");
});

test("a subject that isn't ASCII is named by its dead letter as it was", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const application = JSON.stringify(makeApplication("abroad", randomFrom(1)));
  const channels = ["zürich", "分店", "x".repeat(1_000)];
  const messages = channels.map((channel) => ({ ...outgoing(channel, application), expected: "invalid_subject" }));
  const published = await publishAll(bed.js, messages);
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, published)).toMatchObject({ violations: [], deadLetters: 3 });
});

test("headers that the client refuses to read hold nothing up", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const payload = Buffer.from(JSON.stringify(makeApplication("handmade", randomFrom(1))));
  await publishByHand(bed, "NATS/1.0\r\nce-id: one\rtwo\r\ntraceparent: 00-1-2-01\r\n\r\n", payload);
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  const acknowledged = [{ subject: "applications.web", payload, sequence: 1 }];
  expect(await checkDelivery(bed, { acknowledged, unanswered: [] })).toMatchObject({ violations: [], decisions: 1 });
});

/** Speaks the protocol itself, as a program without a client library would. */
async function publishByHand(bed: TestBed, head: string, payload: Uint8Array): Promise<void> {
  const socket = connect(bed.broker.port, "127.0.0.1");
  socket.write('CONNECT {"verbose":false,"headers":true}\r\n');
  socket.write(
    `HPUB applications.web ${Buffer.byteLength(head)} ${Buffer.byteLength(head) + payload.length}\r\n${head}`,
  );
  socket.write(payload);
  socket.write("\r\n");
  const stored = async () => (await bed.jsm.streams.info("APPLICATIONS")).state.messages === 1;
  await eventually("the stream has it", stored, { withinMs: 5_000 });
  socket.destroy();
}

function headersOf({ headers: received }: StreamMessage): Record<string, string> {
  return Object.fromEntries((received?.keys() ?? []).map((name) => [name, received!.get(name)]));
}

test("applications from the older client, with the recommended message id", async () => {
  const bed = await createTestBed({ DUPLICATE_WINDOW: "2m" });
  await bed.startScorer().ready();
  const connection = await connectV2({ servers: bed.broker.url });
  const js = connection.jetstream();
  const acknowledged = [];
  for (let n = 0; n < 50; n++) {
    const payload = Buffer.from(JSON.stringify(makeApplication(`V2-${n}`, randomFrom(n))));
    const subject = "applications.web";
    const sent = headersV2();
    sent.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    const options = { msgID: recommendedMessageId(`V2-${n}`, payload), headers: sent };
    const { seq } = await js.publish(subject, payload, options);
    expect(await js.publish(subject, payload, options)).toMatchObject({ seq, duplicate: true });
    acknowledged.push({ subject, payload, sequence: seq });
  }
  const subscription = connection.subscribe("scores.web.*.V2-last", { max: 1, timeout: 10_000 });
  const payload = Buffer.from(JSON.stringify(makeApplication("V2-last", randomFrom(99))));
  acknowledged.push({
    subject: "applications.web",
    payload,
    sequence: (await js.publish("applications.web", payload)).seq,
  });
  for await (const message of subscription) {
    expect(message.json()).toMatchObject({ application_id: "V2-last", channel: "web", sequence: 51 });
  }
  await connection.close();
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, { acknowledged, unanswered: [] })).toMatchObject({ violations: [], decisions: 51 });
});

test("headers as large as the broker takes don't keep what comes of a message from being published", async () => {
  const bed = await createTestBed();
  await bed.startScorer().ready();
  const sent = headers();
  sent.set(`ce-${"a".repeat(65_400)}`, "1");
  const messages = [
    { subject: "applications.web", payload: Buffer.from("{"), headers: sent, expected: "malformed_json" },
    {
      subject: "applications.web",
      payload: Buffer.from(JSON.stringify(makeApplication("H-1", randomFrom(1)))),
      headers: sent,
    },
    { subject: "applications.web", payload: Buffer.from(JSON.stringify(makeApplication("H-2", randomFrom(2)))) },
  ];
  const published = await publishAll(bed.js, messages);
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, published)).toMatchObject({ violations: [], decisions: 2, deadLetters: 1 });
});
