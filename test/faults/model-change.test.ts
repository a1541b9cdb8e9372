import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { brittleApplication, writeBrittleBundle } from "../support/brittle-bundle.ts";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { outgoing } from "../support/load.ts";
import { merged, publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const APPLICATIONS = scaled(10_000);

test(`${APPLICATIONS} applications redelivered after a change of model get the stored decision`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "1s", SCORER_BATCH_SIZE: "1024", SCORER_BATCHES_IN_FLIGHT: "16" });
  const [first, second] = [join(bed.home, "first"), join(bed.home, "second")];
  await writeBrittleBundle(first, "1", [0.05, 0.4]);
  await writeBrittleBundle(second, "2", [0.4, 0.05]);
  // Without room for results, the first model's decisions are recorded and not published.
  const noRoom = { SCORES_MAX_BYTES: "1KiB" };
  await bed.createStreams(noRoom);
  const messages = (prefix: string) =>
    Array.from({ length: APPLICATIONS }, (_, n) =>
      outgoing("web", brittleApplication(`${prefix}-${n}`, { amount: random.below(900), risk: random.next() })),
    );
  const before = messages("before");
  const published = await publishAll(bed.js, before);
  const scorer = bed.startScorer({ ...noRoom, SCORER_BUNDLE: first });
  await eventually("all is decided", async () => (await countOf("1")) === APPLICATIONS, { withinMs: 60_000 });
  scorer.signal("SIGKILL");
  await scorer.ended;
  const { config } = await bed.jsm.streams.info("SCORES");
  await bed.jsm.streams.update("SCORES", { ...config, max_bytes: 1024 ** 3 });
  bed.startScorer({ SCORES_MAX_BYTES: "1GiB", SCORER_BUNDLE: second });
  // Repetitions meet the new model too, and get no second opinion either.
  const repeated = await publishAll(
    bed.js,
    before.map(({ subject, payload }) => ({ subject, payload })),
  );
  const after = await publishAll(bed.js, messages("after"));
  await drained(bed);
  await bed.stopScorers();

  expect([await countOf("1"), await countOf("2")]).toEqual([APPLICATIONS, APPLICATIONS]);
  expect(await checkDelivery(bed, merged(published, repeated, after))).toEqual({
    violations: [],
    decisions: 2 * APPLICATIONS,
    repetitions: APPLICATIONS,
    deadLetters: 0,
  });

  async function countOf(version: string): Promise<number> {
    const { rowCount } = await bed.database.query("select from scores where model_version = $1", [version]);
    return rowCount ?? 0;
  }
});
