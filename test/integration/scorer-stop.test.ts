import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { createLoad } from "../support/load.ts";
import { merged, publishAll, publishSteadily } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createTestBed } from "../support/test-bed.ts";

test("stopped under load, scorers end in good order and leave nothing undone", async () => {
  const bed = await createTestBed();
  const scorers = [bed.startScorer(), bed.startScorer()];
  await Promise.all(scorers.map((scorer) => scorer.ready()));
  const stream = publishSteadily(bed.js, createLoad(randomFrom(2), { malformed: 0.05 }), 500);
  await sleep(1_000);
  const from = Date.now();
  await bed.stopScorers();
  expect(Date.now() - from).toBeLessThan(5_000);
  const published = await stream.finish();
  bed.startScorer();
  // What was handed back comes at once and not when the ack wait of 30 s is over.
  await drained(bed, 10_000);
  await bed.stopScorers();
  expect((await checkDelivery(bed, published)).violations).toEqual([]);
});

test.each(["NATS", "PostgreSQL"])(
  "stopped while %s is away, a scorer ends in good order within ten seconds",
  async (away) => {
    const bed = await createTestBed({ ACK_WAIT: "1s" });
    const nats = await startTcpProxy(bed.broker.port);
    const postgres = await startTcpProxy(Number(new URL(bed.databaseUrl).port));
    onTestFinished(nats.stop);
    onTestFinished(postgres.stop);
    const addresses = { NATS_URL: nats.through(bed.broker.url), DATABASE_URL: postgres.through(bed.databaseUrl) };
    const scorer = bed.startScorer(addresses);
    await scorer.ready();
    const load = createLoad(randomFrom(3));
    const before = await publishAll(bed.js, Array.from({ length: 100 }, load));
    (away === "NATS" ? nats : postgres).reset();
    const during = await publishAll(bed.js, Array.from({ length: 100 }, load));
    await eventually("the scorer notices", () => scorer.log().includes(`${away} is away`), { withinMs: 10_000 });
    const from = Date.now();
    await bed.stopScorers();
    expect(Date.now() - from).toBeLessThan(10_000);
    bed.startScorer();
    await drained(bed);
    await bed.stopScorers();
    expect(await checkDelivery(bed, merged(before, during))).toMatchObject({ violations: [], decisions: 200 });
  },
);
