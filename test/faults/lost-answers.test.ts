import { expect, inject, onTestFinished, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { createLoad } from "../support/load.ts";
import { publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

/** Statements whose answer is lost: nobody knows whether they were carried out. They were. */
test.each([
  ["the batch's insert", "insert into plumbline.applications"],
  ["the count of an attempt", "insert into plumbline.scoring_attempts"],
])("the answer to %s is lost five times: done once, and no application is blamed", async (_, statement) => {
  const bed = await createTestBed({ ACK_WAIT: "1s", SCORER_BATCHES_IN_FLIGHT: "1" });
  await bed.createStreams();
  const load = createLoad(randomFrom(inject("seed")));
  const published = await publishAll(bed.js, Array.from({ length: 20 }, load));
  await deliverInVain(bed, 20);
  const proxy = await startTcpProxy(Number(new URL(bed.databaseUrl).port));
  onTestFinished(proxy.stop);
  proxy.loseAnswersTo(statement, 5);
  bed.startScorer({ DATABASE_URL: proxy.through(bed.databaseUrl) });
  await drained(bed);
  expect(proxy.answersToLose()).toBe(0);
  await bed.stopScorers();

  expect(await checkDelivery(bed, published)).toEqual({
    violations: [],
    decisions: 20,
    repetitions: 0,
    deadLetters: 0,
  });
});

/** Takes messages and gives them back, so that a scorer sees redeliveries, which it scores one at a time. */
async function deliverInVain(bed: TestBed, count: number): Promise<void> {
  const consumer = await bed.js.consumers.get("APPLICATIONS", "scorer");
  for await (const message of await consumer.fetch({ max_messages: count })) message.nak();
}
