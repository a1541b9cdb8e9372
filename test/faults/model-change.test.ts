import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { brittleApplication, writeBrittleBundle } from "../support/brittle-bundle.ts";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { outgoing } from "../support/load.ts";
import { merged, type Outgoing, type Published, publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const ROUNDS = scaled(20);
const PER_ROUND = 500;

test(`${ROUNDS * PER_ROUND} applications redelivered after a change of model get the stored decision`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "1s", SCORER_BATCHES_IN_FLIGHT: "32" });
  const bundles = [join(bed.home, "first"), join(bed.home, "second")] as const;
  await writeBrittleBundle(bundles[0], "1", [0.05, 0.4]);
  await writeBrittleBundle(bundles[1], "2", [0.4, 0.05]);
  await bed.createStreams();
  const parts: Published[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const messages = Array.from({ length: PER_ROUND }, (_, n) =>
      outgoing("web", brittleApplication(`${round}-${n}`, { amount: random.below(900), risk: random.next() })),
    );
    parts.push(await decideUnpublished(bed, bundles[round % 2]!, messages));
    bed.startScorer({ SCORER_BUNDLE: bundles[(round + 1) % 2]! });
    // Repetitions meet the other model too, and get no second opinion either.
    parts.push(
      await publishAll(
        bed.js,
        messages.map(({ subject, payload }) => ({ subject, payload })),
      ),
    );
    await drained(bed);
    await bed.stopScorers();
  }

  const { rows } = await bed.database.query(
    `select count(*)::int as n from scores
     where model_version <> (split_part(application_id, '-', 1)::int % 2 + 1)::text`,
  );
  expect(rows).toEqual([{ n: 0 }]);
  expect(await checkDelivery(bed, merged(...parts))).toEqual({
    violations: [],
    decisions: ROUNDS * PER_ROUND,
    repetitions: ROUNDS * PER_ROUND,
    deadLetters: 0,
  });
});

/** Has messages decided by a bundle's model while SCORES has no room, and kills the scorer before there is any. */
async function decideUnpublished(bed: TestBed, bundle: string, messages: readonly Outgoing[]): Promise<Published> {
  const decided = async () => (await bed.database.query("select from scores")).rowCount ?? 0;
  const before = await decided();
  const scorer = bed.startScorer({ SCORER_BUNDLE: bundle });
  await scorer.ready();
  const { config, state } = await bed.jsm.streams.info("SCORES");
  await bed.jsm.streams.update("SCORES", { ...config, max_msgs: Math.max(1, state.messages) });
  // It shall find them all at once: when the first results are refused it asks for no more.
  scorer.signal("SIGSTOP");
  await sleep(1_200);
  const published = await publishAll(bed.js, messages);
  scorer.signal("SIGCONT");
  await eventually("all is decided", async () => (await decided()) === before + messages.length, { withinMs: 30_000 });
  scorer.signal("SIGKILL");
  await scorer.ended;
  await bed.jsm.streams.update("SCORES", config);
  return published;
}
