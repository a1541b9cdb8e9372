import { expect, onTestFinished, test } from "vitest";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createTestBed } from "../support/test-bed.ts";

test.each([
  "to_regclass('public.migrations')",
  "insert into public.models",
  "from public.policies",
  "insert into plumbline.streams",
])("a scorer that loses PostgreSQL at %j while it starts waits for it", async (statement) => {
  const bed = await createTestBed();
  const proxy = await startTcpProxy(Number(new URL(bed.databaseUrl).port));
  onTestFinished(proxy.stop);
  proxy.loseAnswersTo(statement, 2);
  const scorer = bed.startScorer({ DATABASE_URL: proxy.through(bed.databaseUrl) });
  await scorer.ready();
  expect(proxy.answersToLose()).toBe(0);
  expect(scorer.log()).toContain("PostgreSQL is away, waiting");
  await bed.stopScorers();
});

// The first is whatever a scorer asks first.
test.each(["$JS.API.", "$JS.API.CONSUMER.INFO"])(
  "a scorer that loses the broker at %j while it starts waits",
  async (request) => {
    const bed = await createTestBed();
    const proxy = await startTcpProxy(bed.broker.port);
    onTestFinished(proxy.stop);
    proxy.loseAnswersTo(request, 1);
    const scorer = bed.startScorer({ NATS_URL: proxy.through(bed.broker.url) });
    await scorer.ready();
    expect(proxy.answersToLose()).toBe(0);
    expect(scorer.log()).toMatch(/NATS doesn't answer for (stream|consumer) .*, waiting/);
    await bed.stopScorers();
  },
);

test("a signal ends a scorer that waits for PostgreSQL while it starts", async () => {
  const bed = await createTestBed();
  const proxy = await startTcpProxy(Number(new URL(bed.databaseUrl).port));
  onTestFinished(proxy.stop);
  proxy.loseAnswersTo("insert into public.models", 1_000);
  const scorer = bed.startScorer({ DATABASE_URL: proxy.through(bed.databaseUrl) });
  await expect.poll(() => scorer.log(), { timeout: 20_000 }).toContain("PostgreSQL is away, waiting");
  await scorer.stop();
  expect(await scorer.ended).toBe(0);
});
