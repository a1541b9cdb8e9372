import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import { checkDelivery } from "../support/checker.ts";
import { backlog, drained } from "../support/drain.ts";
import { createLoad } from "../support/load.ts";
import { merged, type Published, publishAll } from "../support/publish.ts";
import { isFull, scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { createTestBed } from "../support/test-bed.ts";

const ROUNDS = scaled(20);
const RECOVERY_MS = 20_000;

type Disturbance = {
  readonly begin: (proxy: TcpProxy) => void;
  /** Whether work goes on meanwhile, stands still, or goes on after a while. */
  readonly work: "goes on" | "stands still" | "recovers";
};

const DISTURBANCES: Record<string, Disturbance> = {
  "black hole": { begin: (proxy) => proxy.blackHole(), work: "stands still" },
  reset: { begin: (proxy) => proxy.reset(), work: "stands still" },
  // What it forgot is lost for good: it never heals.
  "half-open": { begin: (proxy) => proxy.halfOpen(), work: "recovers" },
  "500 ms latency": { begin: (proxy) => proxy.delay(500), work: "goes on" },
};

const WAYS = isFull ? [["NATS"], ["PostgreSQL"]] : [["NATS", "PostgreSQL"]];

for (const ways of WAYS) {
  test.each(Object.keys(DISTURBANCES))(`%s on the way to ${ways.join(" and ")}, ${ROUNDS} times`, async (name) => {
    const { begin, work } = DISTURBANCES[name]!;
    const random = randomFrom(inject("seed"));
    const bed = await createTestBed({ ACK_WAIT: "5s" });
    const nats = await startTcpProxy(bed.broker.port);
    onTestFinished(nats.stop);
    const postgres = await startTcpProxy(Number(new URL(bed.databaseUrl).port));
    onTestFinished(postgres.stop);
    const scorer = bed.startScorer({
      NATS_URL: nats.through(bed.broker.url),
      DATABASE_URL: postgres.through(bed.databaseUrl),
    });
    await scorer.ready();
    const disturbed = [nats, postgres].filter((_, index) => ways.includes(["NATS", "PostgreSQL"][index]!));
    const load = createLoad(random, { repeated: 0.03, malformed: 0.02 });
    const parts: Published[] = [];
    const recoveries: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      parts.push(await publishAll(bed.js, Array.from({ length: 100 }, load)));
      await sleep(random.below(100));
      disturbed.forEach(begin);
      parts.push(await publishAll(bed.js, Array.from({ length: 100 }, load)));
      if (work === "goes on") await drained(bed);
      else await sleep(isFull ? random.below(20_000) : 2_000);
      if (work === "stands still") expect(await backlog(bed)).toBeGreaterThan(0);
      for (const proxy of disturbed) proxy.heal();
      const healedAt = Date.now();
      await drained(bed, 60_000);
      recoveries.push(Date.now() - healedAt);
    }
    expect(scorer.hasEnded()).toBe(false);
    await bed.stopScorers();

    console.log(`${name} on the way to ${ways.join(" and ")}: drained within ${Math.max(...recoveries)} ms`);
    expect(Math.max(...recoveries)).toBeLessThan(RECOVERY_MS);
    expect((await checkDelivery(bed, merged(...parts))).violations).toEqual([]);
  });
}
