import { expect, inject, test } from "vitest";
import { BOUNDARIES, type Boundary } from "../../src/scorer/pipeline.ts";
import { checkDelivery } from "../support/checker.ts";
import { backlog, drained } from "../support/drain.ts";
import { thatDiesAt } from "../support/entry-scripts.ts";
import { createLoad } from "../support/load.ts";
import { merged, type Published, publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const KILLS = scaled(50);
const PER_KILL = 60;

/** What the first batch leaves behind when its scorer dies: rows, results, and messages still to be settled. */
const LEFT: Record<Boundary, { rows: boolean; results: boolean }> = {
  received: { rows: false, results: false },
  before_commit: { rows: false, results: false },
  after_commit: { rows: true, results: false },
  after_publish: { rows: true, results: true },
  after_ack: { rows: true, results: true },
};

test.each(BOUNDARIES)(`kill -9 at the boundary %s, ${KILLS} times`, async (boundary) => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "1s", SCORER_BATCH_SIZE: "16", SCORER_BATCHES_IN_FLIGHT: "2" });
  await bed.createStreams();
  const load = createLoad(random, { repeated: 0.05, conflicting: 0.05, malformed: 0.05 });
  const parts: Published[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    parts.push(await publishAll(bed.js, Array.from({ length: PER_KILL }, load)));
    const victim = bed.startScorer({}, thatDiesAt(boundary, kill === 0 ? 1 : 1 + random.below(4)));
    expect(await victim.ended).toBe("SIGKILL");
    if (kill === 0) expect(await leftBehind(bed)).toEqual(LEFT[boundary]);
  }
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();

  const published = merged(...parts);
  const verdict = await checkDelivery(bed, published);
  expect(verdict.violations).toEqual([]);
  expect(verdict.decisions).toBeGreaterThan(KILLS * PER_KILL * 0.7);
});

async function leftBehind(bed: TestBed): Promise<{ rows: boolean; results: boolean }> {
  const { rows } = await bed.database.query("select from plumbline.applications limit 1");
  const { state } = await bed.jsm.streams.info("SCORES");
  expect(await backlog(bed)).toBeGreaterThan(0);
  return { rows: rows.length > 0, results: state.messages > 0 };
}
