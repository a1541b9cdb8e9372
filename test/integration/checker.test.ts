import { expect, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { checkDelivery, type Verdict } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { thatDiesAt } from "../support/entry-scripts.ts";
import { eventually } from "../support/eventually.ts";
import { createLoad } from "../support/load.ts";
import { merged, type Published, publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

/**
 * The checker is checked: with a guard of the delivery guarantee removed it must find the damage. Each damage below is
 * done to real servers, by a real scorer where it can be.
 */

const COUNT = 60;

function load(bed: TestBed, repeated = 0): Promise<Published> {
  const next = createLoad(randomFrom(7), { repeated, conflicting: 0.1, malformed: 0.1 });
  return publishAll(bed.js, Array.from({ length: COUNT }, next));
}

/** A bed in which a scorer has dealt with some applications, and is stopped. */
async function settledBed(): Promise<{ bed: TestBed; published: Published }> {
  const bed = await createTestBed();
  await bed.createStreams();
  const published = await load(bed);
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  return { bed, published };
}

function kinds({ violations }: Verdict): string[] {
  return violations.map((line) => line.slice(0, line.indexOf(":")));
}

test("all guards in place: no violation, and every kind of ending", async () => {
  const { bed, published } = await settledBed();
  const verdict = await checkDelivery(bed, published);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions + verdict.repetitions + verdict.deadLetters).toBe(COUNT);
  expect(Math.min(verdict.decisions, verdict.deadLetters)).toBeGreaterThan(0);
});

test("without the key on application_id: duplicate rows", async () => {
  const bed = await createTestBed();
  await bed.database.query("alter table plumbline.applications drop constraint applications_application_id_key");
  await bed.createStreams();
  const published = await load(bed, 0.3);
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  expect(kinds(await checkDelivery(bed, published))).toContain("duplicate row");
});

test("without the guard of SCORES: duplicate results", async () => {
  const bed = await createTestBed({ ACK_WAIT: "1s" });
  const mortal = bed.startScorer({}, thatDiesAt("after_publish", 1));
  await mortal.ready();
  // While it runs, since no scorer starts on a stream without the guard.
  const { config } = await bed.jsm.streams.info("SCORES");
  const successor = bed.startScorer({}, thatDiesAt("received", 1_000));
  await successor.ready();
  await bed.jsm.streams.update("SCORES", { ...config, max_msgs_per_subject: -1, discard_new_per_subject: false });
  for (const scorer of [mortal, successor]) scorer.signal("SIGSTOP");
  const published = await load(bed);
  mortal.signal("SIGCONT");
  expect(await mortal.ended).toBe("SIGKILL");
  successor.signal("SIGCONT");
  await drained(bed);
  await bed.stopScorers();
  expect(kinds(await checkDelivery(bed, published))).toContain("duplicate result");
});

test("acknowledged before published: decisions that were not published", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const published = await load(bed);
  expect(await bed.startScorer({}, thatDiesAt("after_commit", 1)).ended).toBe("SIGKILL");
  await acknowledgeAll(bed);
  // The batch that was recorded may be of one message, and so of one kind.
  const unpublished = /^(decision|recorded dead letter) that was not published$/;
  expect(kinds(await checkDelivery(bed, published)).filter((kind) => unpublished.test(kind))).not.toEqual([]);
});

test("acknowledged before recorded: lost", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const published = await load(bed);
  await acknowledgeAll(bed);
  expect(kinds(await checkDelivery(bed, published))).toEqual(["lost"]);
});

/** Does what a scorer would that acknowledges too early. */
async function acknowledgeAll(bed: TestBed): Promise<void> {
  const { config } = await bed.jsm.consumers.info("APPLICATIONS", "scorer");
  // A consumer with another wait has another state: everything that isn't acknowledged is delivered at once.
  await bed.jsm.consumers.delete("APPLICATIONS", "scorer");
  await bed.jsm.consumers.add("APPLICATIONS", config);
  const consumer = await bed.js.consumers.get("APPLICATIONS", "scorer");
  for await (const message of await consumer.fetch({ max_messages: COUNT })) message.ack();
  await eventually(
    "the stream is empty",
    async () => (await bed.jsm.streams.info("APPLICATIONS")).state.messages === 0,
    { withinMs: 5_000 },
  );
}

test("a result or dead letter that went missing, and a message left over", async () => {
  const { bed, published } = await settledBed();
  await bed.jsm.streams.deleteMessage("SCORES", 1);
  await bed.jsm.streams.deleteMessage("DEADLETTERS", 1);
  const late = await load(bed);
  const found = kinds(await checkDelivery(bed, merged(published, late)));
  expect(found).toContain("message left in APPLICATIONS");
  expect(found).toContain("decision that was not published");
  expect(found).toContain("recorded dead letter that was not published");
});

test("a published event that isn't the stored decision, in its values or only in its bytes", async () => {
  const { bed, published } = await settledBed();
  const rewrite = async (change: (event: Record<string, unknown>) => unknown) => {
    const { state } = await bed.jsm.streams.info("SCORES");
    const { subject, data } = (await bed.jsm.streams.getMessage("SCORES", { seq: state.first_seq }))!;
    await bed.jsm.streams.deleteMessage("SCORES", state.first_seq);
    await bed.js.publish(subject, JSON.stringify(change(JSON.parse(Buffer.from(data).toString()))));
  };
  await rewrite((event) => ({ ...event, score: Number(event.score) + 1e-12 }));
  await rewrite((event) => Object.fromEntries(Object.entries(event).reverse()));
  expect(await checkDelivery(bed, published)).toMatchObject({
    violations: [
      expect.stringContaining("published event differs from the stored decision: 1"),
      expect.stringContaining("published in other bytes than the contract's: 1"),
    ],
  });
});

test("a second opinion: another decision under another subject", async () => {
  const { bed, published } = await settledBed();
  const { subject, data } = (await bed.jsm.streams.getMessage("SCORES", { seq: 1 }))!;
  const decision = subject.split(".")[2];
  await bed.js.publish(subject.replace(`.${decision}.`, ".other."), data);
  expect(kinds(await checkDelivery(bed, published))).toEqual(["duplicate result"]);
});

test("a row that isn't the message's", async () => {
  const { bed, published } = await settledBed();
  await bed.database.query(
    `update plumbline.applications set channel = 'other'
     where sequence = (select min(sequence) from plumbline.applications where application_id is not null)`,
  );
  expect(kinds(await checkDelivery(bed, published))).toContain("row that differs from its message");
});

test("a message that nothing came of, and dead letters that nobody was owed", async () => {
  const { bed, published } = await settledBed();
  const payload = Buffer.from(JSON.stringify(makeApplication("never-sent", randomFrom(1))));
  const invented = { sequence: 999_999, subject: "applications.web", payload };
  const valid = published.acknowledged.map(({ expected: _, ...message }) => message);
  const found = kinds(await checkDelivery(bed, { acknowledged: [...valid, invented], unanswered: [] }));
  expect(found).toContain("lost");
  expect(found).toContain("dead letter as invalid_subject, but must be no dead letter");
});
