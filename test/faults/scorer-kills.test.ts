import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { startCrew } from "../support/crew.ts";
import { drained } from "../support/drain.ts";
import { createLoad } from "../support/load.ts";
import { publishSteadily } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const APPLICATIONS = scaled(100_000);
const KILLS = scaled(200);
const BETWEEN_KILLS_MS = 1_000;

test(`kill -9 of ${KILLS} scorers at random under load loses nothing and decides nothing twice`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "3s" });
  const crew = await startCrew(bed, 4);
  const load = createLoad(random, { repeated: 0.03, conflicting: 0.02, malformed: 0.02 });
  const perSecond = APPLICATIONS / ((KILLS * BETWEEN_KILLS_MS) / 1000);
  const stream = publishSteadily(bed.js, load, perSecond);

  while (crew.kills() < KILLS || stream.count() < APPLICATIONS) {
    await sleep(BETWEEN_KILLS_MS * (0.5 + random.next()));
    await crew.killOne(random);
  }
  const published = await stream.finish();
  await drained(bed);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, published);
  console.log(`scorer kills: ${crew.kills()}, applications: ${published.acknowledged.length}`, verdict);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(APPLICATIONS * 0.8);
  expect(verdict.repetitions).toBeGreaterThan(0);
});
