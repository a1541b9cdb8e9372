import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { BREAKING_AMOUNT, brittleApplication, writeBrittleBundle } from "../support/brittle-bundle.ts";
import { checkDelivery } from "../support/checker.ts";
import { backlog, drained } from "../support/drain.ts";
import { thatDiesScoring } from "../support/entry-scripts.ts";
import { outgoing } from "../support/load.ts";
import { type Outgoing, publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { type Random, randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const APPLICATIONS = scaled(50_000);
const POISONED = APPLICATIONS / 100;
const DEADLY_AMOUNT = 666_666;
const NEIGHBOURS = scaled(20_000);

test(`1 % poison in ${APPLICATIONS}: each is dead-lettered once, the rest is scored`, async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed({ ACK_WAIT: "10s" });
  const bundle = join(bed.home, "bundle");
  await writeBrittleBundle(bundle);
  await bed.createStreams();
  const messages = Array.from({ length: APPLICATIONS }, (_, n) => message(n, n % 100 === 50, random));
  const published = await publishAll(bed.js, messages);
  const scorers = [1, 2].map(() => bed.startScorer({ SCORER_BUNDLE: bundle }));
  await drained(bed);
  expect(scorers.every((scorer) => !scorer.hasEnded())).toBe(true);
  await bed.stopScorers();

  expect(await checkDelivery(bed, published)).toEqual({
    violations: [],
    decisions: APPLICATIONS - POISONED,
    repetitions: 0,
    deadLetters: POISONED,
  });
  const { rows } = await bed.database.query("select from plumbline.scoring_attempts");
  expect(rows).toHaveLength(0);
});

function message(n: number, isPoison: boolean, random: Random): Outgoing {
  const amount = isPoison ? BREAKING_AMOUNT + 1 + random.below(1_000) : random.below(BREAKING_AMOUNT);
  const payload = brittleApplication(`B-${n}`, { amount, risk: random.next() });
  return { ...outgoing("web", payload), ...(isPoison && { expected: "poison" }) };
}

test(`an application that kills its scorer is given up after three times alone; its ${NEIGHBOURS} neighbours are scored`, async () => {
  const random = randomFrom(inject("seed"));
  // Small batches, many at a time: the neighbours are scored alone while the deadly one is.
  const bed = await createTestBed({ ACK_WAIT: "1s", SCORER_BATCH_SIZE: "64", SCORER_BATCHES_IN_FLIGHT: "8" });
  await bed.createStreams();
  const messages = Array.from({ length: NEIGHBOURS + 1 }, (_, n): Outgoing => {
    const application = makeApplication(`K-${n}`, random);
    if (n !== 100) return outgoing("web", JSON.stringify(application));
    application.features.loan_amount = DEADLY_AMOUNT;
    return { ...outgoing("web", JSON.stringify(application)), expected: "poison" };
  });
  const published = await publishAll(bed.js, messages);
  const isDrained = drained(bed).then(() => "drained");
  const blamed: number[][] = [];
  for (;;) {
    const scorer = bed.startScorer({}, thatDiesScoring(DEADLY_AMOUNT));
    const ending = await Promise.race([scorer.ended, isDrained]);
    if (ending === "drained") break;
    expect(ending).toBe("SIGKILL");
    const { rows } = await bed.database.query("select sequence::int from plumbline.scoring_attempts");
    blamed.push(rows.map(({ sequence }) => sequence));
  }
  await bed.stopScorers();

  // The first time in its batch, where it may be anyone's fault, then three times alone.
  const deadly = published.acknowledged.find(({ expected }) => expected === "poison")!.sequence;
  expect(blamed).toEqual([[], [deadly], [deadly], [deadly]]);
  expect(await backlog(bed)).toBe(0);
  expect(await checkDelivery(bed, published)).toEqual({
    violations: [],
    decisions: NEIGHBOURS,
    repetitions: 0,
    deadLetters: 1,
  });
});
