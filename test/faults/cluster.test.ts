import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { startCrew } from "../support/crew.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { createLoad } from "../support/load.ts";
import { publishSteadily } from "../support/publish.ts";
import { isFull, scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";
import { startTestCluster } from "../support/test-cluster.ts";

const APPLICATIONS = scaled(50_000);
const KILLS = isFull ? 9 : 1;
const BETWEEN_KILLS_MS = 5_000;

test(`three brokers with three copies of each stream, one killed under load, ${KILLS} times`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "5s", STREAM_REPLICAS: "3" }, startTestCluster);
  await startCrew(bed, 2);
  const load = createLoad(random, { repeated: 0.03, conflicting: 0.02, malformed: 0.02 });
  const stream = publishSteadily(bed.js, load, (APPLICATIONS / KILLS / BETWEEN_KILLS_MS) * 1000);
  for (let kills = 0; kills < KILLS || stream.count() < APPLICATIONS; kills++) {
    await sleep(BETWEEN_KILLS_MS * (0.5 + random.next() / 2));
    bed.broker.kill();
    await sleep(1_000 + random.below(1_000));
    await bed.broker.restart();
    await eventually("all copies are up to date", () => isCurrent(bed), { withinMs: 60_000 });
  }
  const published = await stream.finish();
  await drained(bed);
  await bed.stopScorers();

  const verdict = await checkDelivery(bed, published);
  console.log(`cluster: ${published.acknowledged.length} applications`, verdict);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(APPLICATIONS * 0.8);
});

async function isCurrent({ jsm }: TestBed): Promise<boolean> {
  for (const name of ["APPLICATIONS", "SCORES", "DEADLETTERS"]) {
    const info = await jsm.streams.info(name).catch(() => undefined);
    const replicas = info?.cluster?.replicas ?? [];
    if (replicas.length !== 2 || !replicas.every(({ current }) => current)) return false;
  }
  return true;
}
