import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { createLoad } from "../support/load.ts";
import { merged, publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

/**
 * After a kill -9 of the broker a work queue may have messages again that were settled: their removal wasn't on disk,
 * the consumer's position was. The broker will never deliver them; they would use up the room for the backlog.
 */
test("settled applications that come back with a killed broker are settled again, and decided no second time", async () => {
  const bed = await createTestBed({ ACK_WAIT: "2s" });
  await bed.createStreams();
  const load = createLoad(randomFrom(1), { repeated: 0.1, conflicting: 0.1, malformed: 0.1 });
  const first = await publishAll(bed.js, Array.from({ length: 100 }, load));
  await withoutBroker(bed, () => cp(messagesOf(bed), join(bed.home, "copy"), { recursive: true }));
  const scorer = bed.startScorer();
  await scorer.ready();
  await drained(bed);
  await withoutBroker(bed, async () => {
    await rm(messagesOf(bed), { recursive: true });
    await cp(join(bed.home, "copy"), messagesOf(bed), { recursive: true });
  });
  const notices = () => scorer.log().includes("applications again that were settled");
  await eventually("the scorer finds them", notices, { withinMs: 20_000 });
  const second = await publishAll(bed.js, Array.from({ length: 100 }, load));
  await drained(bed, 20_000);
  await bed.stopScorers();
  expect((await checkDelivery(bed, merged(first, second))).violations).toEqual([]);
});

/** What the broker's file store has of the stream's messages; its consumers' positions are elsewhere. */
function messagesOf({ home }: TestBed): string {
  return join(home, "nats/jetstream/$G/streams/APPLICATIONS/msgs");
}

async function withoutBroker({ broker }: TestBed, work: () => Promise<void>): Promise<void> {
  await broker.stop();
  await work();
  await broker.restart();
}
