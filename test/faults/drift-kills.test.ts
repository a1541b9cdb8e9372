import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { startCrew } from "../support/crew.ts";
import { drained } from "../support/drain.ts";
import {
  finishDrift,
  MONTHLY,
  MONTHLY_RULES,
  observationsPassedOn,
  observationsTakenIn,
} from "../support/drift-bed.ts";
import { checkDrift } from "../support/drift-checker.ts";
import { outgoing } from "../support/load.ts";
import { applicationsAfterTraining, hasLoanBook, SHARED } from "../support/loan-book.ts";
import { publishAll } from "../support/publish.ts";
import { scaled } from "../support/scale.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";
import { undisturbedReports } from "../support/undisturbed-reports.ts";

const APPLICATIONS = 29_080;
const KILLS = scaled(50);
const BETWEEN_KILLS_MS = 2_000;
const PORTION = 200;

test(`kill -9 of ${KILLS} drift consumers and scorers at random during a replay counts every application once`, async ({
  skip,
}) => {
  skip(!hasLoanBook, `${SHARED} isn't there: it holds the loan book`);
  const random = randomFrom(inject("seed"));
  const lines = applicationsAfterTraining();
  const bed = await createTestBed({ ...MONTHLY, ACK_WAIT: "3s" });
  const scorers = await startCrew(bed, 2);
  const consumers = await startCrew(bed, 2, () => bed.startDrift());
  const kills = () => scorers.kills() + consumers.kills();

  // In the order of the loan book, so that windows close while processes are killed.
  const publishing = (async () => {
    const everyMs = (KILLS * BETWEEN_KILLS_MS) / (lines.length / PORTION);
    for (let next = 0; next < lines.length; next += PORTION) {
      await publishAll(
        bed.js,
        lines.slice(next, next + PORTION).map((line) => outgoing("web", line)),
      );
      await sleep(everyMs);
    }
  })();
  while (kills() < KILLS) {
    await sleep(BETWEEN_KILLS_MS * (0.5 + random.next()));
    // Of either kind at least one, whatever the dice say.
    const crew = kills() === 0 ? consumers : kills() === 1 ? scorers : random.pick([scorers, consumers]);
    await crew.killOne(random);
  }
  await publishing;
  await drained(bed);
  await finishDrift(bed, MONTHLY);
  await observationsTakenIn(bed);
  console.log(`drift kills: ${consumers.kills()} drift consumers, ${scorers.kills()} scorers`);

  const applications = lines.map((line) => JSON.parse(line) as ApplicationEvent);
  const undisturbed = await undisturbedReports(applications, "web", MONTHLY_RULES);
  expect(await checkDrift(bed, { applications: APPLICATIONS, undisturbed })).toEqual([]);
  await bed.stopScorers();
});

test("the check finds counts that were added twice, counts that were lost, and events that were repeated or lost", async ({
  skip,
}) => {
  skip(!hasLoanBook, `${SHARED} isn't there: it holds the loan book`);
  const bed = await createTestBed(MONTHLY);
  const scorer = bed.startScorer();
  await scorer.ready();
  const lines = applicationsAfterTraining();
  const publishWhile = async (portion: readonly string[], disturb: () => Promise<unknown>) => {
    await publishAll(
      bed.js,
      portion.map((line) => outgoing("web", line)),
    );
    await drained(bed);
    await observationsPassedOn(bed);
    await disturb();
    await finishDrift(bed, MONTHLY);
  };

  await publishWhile(lines.slice(0, 700), async () => {});
  expect(await checkDrift(bed, { applications: 700 })).toEqual([]);

  // Messages that were forgotten with nobody having counted them.
  await publishWhile(lines.slice(700, 900), () => bed.database.query("delete from plumbline.observation_messages"));
  expect(await checkDrift(bed, { applications: 900 })).toEqual([
    expect.stringMatching(/^applications in windows: 1 \(700 of 900\)/),
    expect.stringMatching(/^report that differs from the one of the record/),
  ]);
  // Rows under another id, as if a message were counted for its content and not for its row.
  await publishWhile(lines.slice(900, 1_200), () =>
    bed.database.query(
      `insert into plumbline.observation_messages (model_id, pane_ms, observers, cells)
       select model_id, pane_ms, observers, cells from plumbline.observation_messages`,
    ),
  );
  const expected = { applications: 1_200 };
  expect(await checkDrift(bed, expected)).toEqual([
    expect.stringMatching(/^applications in windows: 1 \(1300 of 1200\)/),
    expect.stringMatching(/^report that differs from the one of the record/),
  ]);

  // An event whose message is gone, and one that is published anew without the guard of its id.
  const { state } = await bed.jsm.streams.info("EVENTS");
  const last = await bed.jsm.streams.getMessage("EVENTS", { seq: state.last_seq });
  await bed.js.publish(last!.subject, last!.data);
  expect(await checkDrift(bed, expected)).toContainEqual(expect.stringMatching(/^event without a higher revision/));
  await bed.jsm.streams.purge("EVENTS");
  expect(await checkDrift(bed, expected)).toContainEqual(expect.stringMatching(/^report without an event/));
  await bed.stopScorers();
});
