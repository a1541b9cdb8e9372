import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiError } from "@nats-io/jetstream";
import { expect, inject, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { backlog, drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { createLoad } from "../support/load.ts";
import { merged, type Published, publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const APPLICATIONS = scaled(20_000);

test("SCORES full: the scorers wait, take no refusal for a publication, and go on when there is room", async () => {
  const bed = await createTestBed({ SCORES_MAX_BYTES: "128KiB", ACK_WAIT: "2s" });
  const scorers = [1, 2].map(() => bed.startScorer());
  await Promise.all(scorers.map((scorer) => scorer.ready()));
  const load = createLoad(randomFrom(inject("seed")), { repeated: 0.05, malformed: 0.02 });
  const published = await publishAll(bed.js, Array.from({ length: APPLICATIONS }, load));
  await eventually(
    "the scorers meet the full stream",
    () => scorers.every((scorer) => scorer.log().includes("maximum bytes")),
    {
      withinMs: 20_000,
    },
  );
  // Longer than the ack wait: what is waited for isn't given to another scorer.
  await sleep(4_000);
  expect(await backlog(bed)).toBeGreaterThan(0);
  expect(scorers.some((scorer) => scorer.hasEnded())).toBe(false);
  const { config, state } = await bed.jsm.streams.info("SCORES");
  expect(state.bytes).toBeLessThanOrEqual(128 * 1024);
  await bed.jsm.streams.update("SCORES", { ...config, max_bytes: 1024 ** 3 });
  await drained(bed);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, published);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(APPLICATIONS * 0.8);
});

test("APPLICATIONS full: publishers are refused, nothing is evicted, and three times its capacity passes", async () => {
  const bed = await createTestBed({ APPLICATIONS_MAX_BYTES: "256KiB" });
  await bed.createStreams();
  const load = createLoad(randomFrom(inject("seed")), { malformed: 0.02 });
  const first = await fillUp(bed.js, load);
  const { state } = await bed.jsm.streams.info("APPLICATIONS");
  expect(state).toMatchObject({ first_seq: 1, messages: first.acknowledged.length });

  bed.startScorer();
  const capacity = first.acknowledged.length;
  const rest = await publishAll(bed.js, Array.from({ length: 3 * capacity }, load));
  await drained(bed);
  await bed.stopScorers();
  const verdict = await checkDelivery(bed, merged(first, rest));
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions + verdict.deadLetters).toBe(4 * capacity);
});

/** Publishes one by one until the stream refuses. */
async function fillUp(js: Parameters<typeof publishAll>[0], load: ReturnType<typeof createLoad>): Promise<Published> {
  const published: Published = { acknowledged: [], unanswered: [] };
  for (;;) {
    const message = load();
    try {
      const { seq } = await js.publish(message.subject, message.payload);
      published.acknowledged.push({ ...message, sequence: seq });
    } catch (error) {
      expect(error).toBeInstanceOf(JetStreamApiError);
      expect((error as JetStreamApiError).message).toContain("maximum bytes exceeded");
      return published;
    }
  }
}
