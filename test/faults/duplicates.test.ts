import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { amended, makeApplication, pickChannel, reworded } from "../support/applications.ts";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { outgoing } from "../support/load.ts";
import { merged, publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const IDS = scaled(10_000);
const WINDOW_MS = 3_000;

test(`${IDS} applications published three times, inside and outside the duplicate window`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ DUPLICATE_WINDOW: `${WINDOW_MS}ms` });
  await bed.createStreams();
  const messages = Array.from({ length: IDS }, (_, n) =>
    outgoing(pickChannel(random), JSON.stringify(makeApplication(`D-${n}`, random))),
  );
  // A batch at a time, so that the second copy always comes inside the window.
  const parts = [];
  for (let from = 0; from < IDS; from += 500) {
    const some = messages.slice(from, from + 500);
    parts.push(await publishAll(bed.js, some), await publishAll(bed.js, some));
  }
  await sleep(WINDOW_MS + 500);
  const published = merged(...parts, await publishAll(bed.js, messages));
  for (const _ of [1, 2]) bed.startScorer();
  await drained(bed);
  await bed.stopScorers();

  // The broker swallows the second copies, but for those that a slow machine sends late; the third ones it doesn't know.
  const verdict = await checkDelivery(bed, published);
  expect(verdict).toMatchObject({ violations: [], decisions: IDS, deadLetters: 0 });
  expect(verdict.repetitions).toBeGreaterThanOrEqual(IDS);
  expect(verdict.repetitions).toBeLessThan(2 * IDS);
});

test("publishers that race with other words and other contents: the first one stored wins", async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ SCORER_BATCH_SIZE: "16" });
  const scorers = [1, 2].map(() => bed.startScorer());
  await Promise.all(scorers.map((scorer) => scorer.ready()));
  const applications = Array.from({ length: IDS }, (_, n) => makeApplication(`R-${n}`, random));
  const races = await Promise.all([
    publishAll(
      bed.js,
      applications.map((one) => outgoing("web", JSON.stringify(one))),
    ),
    publishAll(
      bed.js,
      applications.map((one) => outgoing("branch", reworded(one))),
    ),
    publishAll(
      bed.js,
      applications.map((one) => outgoing("web", amended(one))),
    ),
  ]);
  await drained(bed);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, merged(...races));
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBe(IDS);
  // Two of the three are equal: where one of them is first the other is a repetition, else both are conflicts.
  expect(verdict.repetitions + verdict.deadLetters).toBe(2 * IDS);
  expect(verdict.repetitions).toBeGreaterThan(0);
  expect(verdict.deadLetters).toBeGreaterThanOrEqual(IDS);
});
