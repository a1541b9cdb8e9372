import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { startCrew } from "../support/crew.ts";
import { backlog, drained } from "../support/drain.ts";
import { createLoad } from "../support/load.ts";
import { merged, publishAll, publishSteadily } from "../support/publish.ts";
import { isFull, scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createBedWithPostgres } from "../support/test-bed.ts";

const APPLICATIONS = scaled(50_000);
const OUTAGES = scaled(20, 7);
const BETWEEN_OUTAGES_MS = 3_000;
const AWAY_MS = isFull ? 180_000 : 8_000;

test(`kill -9 and immediate stop of PostgreSQL under load, ${OUTAGES} times`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createBedWithPostgres({ ACK_WAIT: "5s" });
  const crew = await startCrew(bed, 2);
  const load = createLoad(random, { repeated: 0.03, conflicting: 0.02, malformed: 0.02 });
  const stream = publishSteadily(bed.js, load, (APPLICATIONS / OUTAGES / BETWEEN_OUTAGES_MS) * 1000);
  for (let outages = 0; outages < OUTAGES || stream.count() < APPLICATIONS; outages++) {
    await sleep(BETWEEN_OUTAGES_MS * (0.5 + random.next()));
    if (outages % 2 === 0) bed.postgres.kill();
    else await bed.postgres.stopImmediately();
    await sleep(random.below(500));
    await bed.postgres.restart();
  }
  const published = await stream.finish();
  await drained(bed);
  expect(crew.members().some((member) => member.hasEnded())).toBe(false);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, published);
  console.log(`PostgreSQL outages: ${published.acknowledged.length} applications`, verdict);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(APPLICATIONS * 0.8);
});

test(`PostgreSQL away for ${AWAY_MS / 1000} s: the backlog waits, drains, and nothing is dead-lettered`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createBedWithPostgres({ ACK_WAIT: "2s" });
  const crew = await startCrew(bed, 2);
  const load = createLoad(random);
  const before = await publishAll(bed.js, Array.from({ length: 500 }, load));
  await drained(bed);
  await bed.postgres.stopImmediately();
  const during = await publishAll(bed.js, Array.from({ length: APPLICATIONS }, load));
  await sleep(AWAY_MS);
  expect(await backlog(bed)).toBe(APPLICATIONS);
  expect(crew.members().some((member) => member.hasEnded())).toBe(false);
  await bed.postgres.restart();
  await drained(bed);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, merged(before, during));
  expect(verdict).toEqual({ violations: [], decisions: 500 + APPLICATIONS, repetitions: 0, deadLetters: 0 });
});
