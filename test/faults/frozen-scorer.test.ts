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

const FREEZES = scaled(20, 7);
const ACK_WAIT_MS = 1_000;

test(`a scorer frozen past the ack wait and thawed, ${FREEZES} times, repeats nothing`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: `${ACK_WAIT_MS}ms`, SCORER_BATCH_SIZE: "32" });
  const crew = await startCrew(bed, 2);
  const stream = publishSteadily(bed.js, createLoad(random, { repeated: 0.05, malformed: 0.02 }), 400);
  for (let freezes = 0; freezes < FREEZES; freezes++) {
    await sleep(random.below(700));
    const victim = random.pick(crew.members());
    victim.signal("SIGSTOP");
    await sleep(ACK_WAIT_MS * (1.5 + random.next()));
    victim.signal("SIGCONT");
  }
  const published = await stream.finish();
  await drained(bed);
  const metrics = await Promise.all(crew.members().map((member) => member.metrics()));
  await bed.stopScorers();

  // What a frozen scorer held went to the other one, and came again where it had gone on already.
  const redeliveries = metrics.map((text) => Number(/^plumbline_redeliveries_total (\d+)/m.exec(text)?.[1]));
  expect(redeliveries.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  const verdict = await checkDelivery(bed, published);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(FREEZES * 400);
});
