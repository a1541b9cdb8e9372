import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiError } from "@nats-io/jetstream";
import { expect, inject, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { checkDelivery } from "../support/checker.ts";
import { backlog, drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { createLoad } from "../support/load.ts";
import { merged, type Outgoing, type Published, publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { type Random, randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const APPLICATIONS = scaled(20_000);
const ROOM = 200;

test("SCORES full: the scorers wait, take no refusal for a publication, and go on when there is room", async () => {
  const bed = await createTestBed({ ACK_WAIT: "2s" });
  const scorers = [bed.startScorer(), bed.startScorer()];
  await Promise.all(scorers.map((scorer) => scorer.ready()));
  const { config } = await bed.jsm.streams.info("SCORES");
  // By messages and not by bytes, which older brokers enforce by evicting (see below); the error code is the same.
  await bed.jsm.streams.update("SCORES", { ...config, max_msgs: ROOM });
  const load = createLoad(randomFrom(inject("seed")), { repeated: 0.05, malformed: 0.02 });
  const published = await publishAll(bed.js, Array.from({ length: APPLICATIONS }, load));
  const refused = () => scorers.every((scorer) => scorer.log().includes("maximum messages exceeded"));
  await eventually("the scorers meet the full stream", refused, { withinMs: 20_000 });
  // Longer than the ack wait: what is waited for isn't given to another scorer.
  await sleep(4_000);
  expect(await backlog(bed)).toBeGreaterThan(0);
  expect(scorers.some((scorer) => scorer.hasEnded())).toBe(false);
  expect((await bed.jsm.streams.info("SCORES")).state.messages).toBe(ROOM);
  await bed.jsm.streams.update("SCORES", config);
  await drained(bed);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, published);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(APPLICATIONS * 0.8);
});

test("APPLICATIONS full: publishers are refused, nothing is evicted, and three times its capacity passes", async () => {
  const capacity = scaled(10_000);
  const next = equallyLong(randomFrom(inject("seed")));
  const { subject, payload } = next();
  const record = payload.length + subject.length + RECORD_OVERHEAD;
  const bed = await createTestBed({ APPLICATIONS_MAX_BYTES: `${Math.round((capacity + 0.5) * record)}B` });
  await bed.createStreams();
  const first = await fillUp(bed, next);
  expect(first.acknowledged).toHaveLength(capacity);
  await flood(bed, next, first);
  await passThrice(bed, first, next);
});

test("APPLICATIONS full by number: messages of all sizes are refused, none evicted, by any broker", async () => {
  const bed = await createTestBed({ APPLICATIONS_MAX_MESSAGES: "300" });
  await bed.createStreams();
  const next = createLoad(randomFrom(inject("seed")), { malformed: 0.02 });
  const first = await fillUp(bed, next);
  expect(first.acknowledged).toHaveLength(300);
  await flood(bed, next, first);
  await passThrice(bed, first, next);
});

test("APPLICATIONS full by bytes of messages of all sizes: nothing is evicted", async ({ skip }) => {
  const bed = await createTestBed({ APPLICATIONS_MAX_BYTES: "256KiB" });
  const version = bed.nc.info?.version ?? "unknown";
  skip(
    /^2\.([0-9]|10\.[0-4])(\.|$)/.test(version),
    `nats-server ${version} makes room in a full stream by evicting acknowledged messages (its issue 4771, mended by its pull request 4772 in November 2023); a newer one doesn't`,
  );
  await bed.createStreams();
  const next = createLoad(randomFrom(inject("seed")), { malformed: 0.02 });
  const first = await fillUp(bed, next);
  await flood(bed, next, first);
  await passThrice(bed, first, next);
});

/** What a record in the broker's file store is longer than subject and payload. */
const RECORD_OVERHEAD = 30;

/** Messages of one length, so that the stream is full to the same byte every time. */
function equallyLong(random: Random): () => Outgoing {
  let made = 0;
  return () => {
    const application = makeApplication(`F-${String(made++).padStart(8, "0")}`, random);
    const note = "x".repeat(1_000 - JSON.stringify(application).length);
    return { subject: "applications.web", payload: Buffer.from(JSON.stringify({ ...application, note })) };
  };
}

/** Publishes one by one until the stream refuses. */
async function fillUp(bed: TestBed, next: () => Outgoing): Promise<Published> {
  const published: Published = { acknowledged: [], unanswered: [] };
  for (;;) {
    const message = next();
    const answer = await offer(bed, message);
    if (answer === "refused") break;
    published.acknowledged.push({ ...message, sequence: answer });
  }
  const { state } = await bed.jsm.streams.info("APPLICATIONS");
  expect(state).toMatchObject({ first_seq: 1, messages: published.acknowledged.length });
  return published;
}

/** Offers many more: most must be refused, and those let in must not harm the others. */
async function flood(bed: TestBed, next: () => Outgoing, published: Published): Promise<void> {
  const offers = Array.from({ length: 500 }, async () => {
    const message = next();
    const answer = await offer(bed, message);
    if (answer !== "refused") published.acknowledged.push({ ...message, sequence: answer });
    return answer;
  });
  expect(await Promise.all(offers)).toContain("refused");
  const { state } = await bed.jsm.streams.info("APPLICATIONS");
  expect(state).toMatchObject({ first_seq: 1, messages: published.acknowledged.length });
}

async function offer({ js }: TestBed, { subject, payload }: Outgoing): Promise<number | "refused"> {
  try {
    return (await js.publish(subject, payload)).seq;
  } catch (error) {
    expect(error).toBeInstanceOf(JetStreamApiError);
    expect((error as JetStreamApiError).message).toMatch(/maximum (bytes|messages) exceeded/);
    return "refused";
  }
}

async function passThrice(bed: TestBed, first: Published, next: () => Outgoing): Promise<void> {
  const capacity = first.acknowledged.length;
  bed.startScorer();
  const rest = await publishAll(bed.js, Array.from({ length: 3 * capacity }, next));
  await drained(bed);
  await bed.stopScorers();
  const verdict = await checkDelivery(bed, merged(first, rest));
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions + verdict.deadLetters).toBe(4 * capacity);
}
