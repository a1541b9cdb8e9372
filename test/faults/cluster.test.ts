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
const PER_SECOND = isFull ? 1_500 : 400;

test(`three brokers with three copies of each stream, one killed while ${APPLICATIONS} applications pass`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "5s", STREAM_REPLICAS: "3" }, startTestCluster);
  await startCrew(bed, 2);
  const load = createLoad(random, { repeated: 0.03, conflicting: 0.02, malformed: 0.02 });
  // Without message ids: after a change of leader nats-server 2.9 numbers its acknowledgements wrongly when it has
  // swallowed duplicates, and by these numbers the checker knows the messages.
  const next = () => ({ ...load(), messageId: undefined });
  const stream = publishSteadily(bed.js, next, PER_SECOND);
  const reached = (share: number) =>
    eventually(`${share} of the load is published`, () => stream.count() >= share * APPLICATIONS, {
      withinMs: 600_000,
    });
  await reached(0.2 + random.next() / 3);
  bed.broker.kill();
  await reached(0.7);
  await bed.broker.restart();
  await reached(1);
  await eventually("all copies are up to date", () => isCurrent(bed), { withinMs: 60_000 });
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
