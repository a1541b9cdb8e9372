import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { startCrew } from "../support/crew.ts";
import { drained } from "../support/drain.ts";
import { createLoad } from "../support/load.ts";
import { merged, type Published, publishAll, publishSteadily } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const APPLICATIONS = scaled(50_000);
const KILLS_UNDER_LOAD = scaled(30);
const KILLS_AFTER_ACKS = scaled(20);
const BETWEEN_KILLS_MS = 3_000;

test(`kill -9 of the broker under load, ${KILLS_UNDER_LOAD} times`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "5s" });
  await startCrew(bed, 2);
  const load = createLoad(random, { repeated: 0.03, conflicting: 0.02, malformed: 0.02 });
  const stream = publishSteadily(bed.js, load, (APPLICATIONS / KILLS_UNDER_LOAD / BETWEEN_KILLS_MS) * 1000);
  for (let kills = 0; kills < KILLS_UNDER_LOAD || stream.count() < APPLICATIONS; kills++) {
    await sleep(BETWEEN_KILLS_MS * (0.5 + random.next()));
    bed.broker.kill();
    await sleep(random.below(500));
    await bed.broker.restart();
  }
  const published = await stream.finish();
  await drained(bed);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, published);
  console.log(`broker kills under load: ${published.acknowledged.length} applications`, verdict);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(APPLICATIONS * 0.8);
});

test(`kill -9 of the broker right after acknowledgements, ${KILLS_AFTER_ACKS} times`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "2s" });
  const [scorer] = (await startCrew(bed, 1)).members();
  const load = createLoad(random, { repeated: 0.05 });
  const parts: Published[] = [];
  for (let kills = 0; kills < KILLS_AFTER_ACKS; kills++) {
    parts.push(await publishAll(bed.js, Array.from({ length: 250 }, load)));
    await drained(bed);
    // The consumer's state is written about every 100 ms: what was just acknowledged comes again.
    bed.broker.kill();
    await bed.broker.restart();
  }
  await drained(bed);
  // Redeliveries come when the acknowledgement wait is over.
  await sleep(3_000);
  await drained(bed);
  expect(scorer!.hasEnded()).toBe(false);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, merged(...parts));
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(KILLS_AFTER_ACKS * 200);
});
