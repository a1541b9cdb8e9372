import { expect, test } from "vitest";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import { drained } from "../support/drain.ts";
import {
  finishDrift,
  observationsPassedOn,
  observationsTakenIn,
  onAllChannels,
  storedReports,
} from "../support/drift-bed.ts";
import { checkDrift, driftEvents } from "../support/drift-checker.ts";
import { eventually } from "../support/eventually.ts";
import { outgoing } from "../support/load.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";
import { undisturbedReports } from "../support/undisturbed-reports.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2025, 0, 1);
const hour = (number: number) => START + number * HOUR_MS;
const day = (number: number) => START + number * DAY_MS;
const HOURLY = { DRIFT_WINDOW: "1h", DRIFT_MIN_SAMPLES: "100" };
const RULES = { grid: timeGrid(0, HOUR_MS), minSamples: 100 };
const CHANNELS = ["web", "branch", "partner"];

const inDays = (instant: string) => (Date.parse(instant) - START) / DAY_MS;
const inHours = (instant: string) => (Date.parse(instant) - START) / HOUR_MS;

async function score(bed: TestBed, applications: readonly ApplicationEvent[], channel = "web"): Promise<void> {
  await publishAll(bed.js, sentOn(channel, applications));
  await drained(bed);
}

test("three drift consumers at once make each report and event once", async () => {
  const bed = await createTestBed(HOURLY);
  const scorers = [1, 2].map(() => bed.startScorer());
  const consumers = [1, 2, 3].map(() => bed.startDrift());
  await Promise.all([...scorers, ...consumers].map((role) => role.ready()));
  const madeUp = createMadeUp(11);
  for (let portion = 0; portion < 12; portion++) {
    const applications = madeUp.usual(300, hour(portion), hour(portion + 1));
    await publishAll(
      bed.js,
      applications.map((one, index) => outgoing(CHANNELS[index % 3]!, JSON.stringify(one))),
    );
    await drained(bed);
  }
  await finishDrift(bed, HOURLY);
  await observationsTakenIn(bed);
  expect(await checkDrift(bed, { applications: 3_600, rules: RULES })).toEqual([]);
  const reports = await storedReports(bed);
  expect(reports).toHaveLength(12 * 4);
  // None had to be told that it stood in the way of another.
  for (const consumer of consumers) expect(consumer.log()).toBe("");
  await bed.stopScorers();
});

test("what was counted while no drift consumer ran is there later, also when the broker has lost the messages", async () => {
  const bed = await createTestBed(HOURLY);
  const scorer = bed.startScorer();
  await scorer.ready();
  const madeUp = createMadeUp(12);
  const first = madeUp.usual(300, hour(0), hour(2));
  await score(bed, first);
  await observationsPassedOn(bed);

  const drift = bed.startDrift();
  await drift.ready();
  await observationsTakenIn(bed);
  const second = madeUp.usual(300, hour(2), hour(4));
  await score(bed, second);
  await observationsTakenIn(bed);
  await drift.stop();

  const third = madeUp.usual(300, hour(4), hour(6));
  await score(bed, third);
  await observationsPassedOn(bed);
  const { purged } = await bed.jsm.streams.purge("OBSERVATIONS");
  expect(purged).toBeGreaterThan(0);
  await finishDrift(bed, HOURLY);

  const undisturbed = await undisturbedReports([...first, ...second, ...third], "web", RULES);
  expect(await checkDrift(bed, { applications: 900, rules: RULES, undisturbed })).toEqual([]);
  await bed.stopScorers();
});

test("windows that were closed for want of more are opened again when more comes", async () => {
  const bed = await createTestBed(HOURLY);
  const scorer = bed.startScorer();
  await scorer.ready();
  const madeUp = createMadeUp(13);
  const first = madeUp.usual(60, hour(0), hour(1));
  await score(bed, first);
  await finishDrift(bed, HOURLY);
  expect(onAllChannels(await storedReports(bed))).toMatchObject([{ status: "insufficient", applications: 60 }]);

  const second = madeUp.usual(260, hour(1), hour(3));
  await score(bed, second);
  await finishDrift(bed, HOURLY);
  const undisturbed = await undisturbedReports([...first, ...second], "web", RULES);
  expect(onAllChannels(undisturbed).map(({ applications }) => applications)).toEqual([190, 130]);
  expect(await checkDrift(bed, { applications: 320, rules: RULES, undisturbed })).toEqual([]);

  // Closed once more with nothing new, there is nothing to tell.
  const told = await driftEvents(bed);
  await finishDrift(bed, HOURLY);
  expect(await driftEvents(bed)).toEqual(told);
  await bed.stopScorers();
});

test("drift --finish says that it waits for a scorer while counts of one that was killed lie there", async () => {
  const bed = await createTestBed(HOURLY);
  const killed = bed.startScorer();
  await killed.ready();
  const applications = createMadeUp(18).usual(240, hour(0), hour(2));
  await publishAll(bed.js, sentOn("web", applications));
  await drained(bed);
  await observationsPassedOn(bed);
  killed.signal("SIGKILL");
  await killed.ended;
  // As if it had been killed before it passed them on.
  await bed.database.query(
    `insert into plumbline.observations (model_id, observer, pane_ms, pane_offset_ms, cells)
     select model_id, gen_random_uuid(), pane_ms, 0, cells from plumbline.observation_messages`,
  );
  await bed.database.query("delete from plumbline.observation_messages");

  const drift = bed.startDrift(HOURLY, ["--finish"]);
  await eventually("it is said what is waited for", () => drift.log().includes("where none runs, start one"), {
    withinMs: 20_000,
  });
  expect(drift.hasEnded()).toBe(false);
  const scorer = bed.startScorer();
  await scorer.ready();
  expect(await drift.ended).toBe(0);
  expect(await checkDrift(bed, { applications: 240, rules: RULES })).toEqual([]);
  await bed.stopScorers();
});

test("a model whose settings are wrong doesn't keep others from being judged", async () => {
  const bed = await createTestBed(HOURLY);
  const scorer = bed.startScorer();
  await scorer.ready();
  // More rows than are taken at a time, older than all others, and not so old that they seem lost.
  await bed.database.query(
    `with broken as (
       insert into public.models (name, version, sha256, bundle_sha256, manifest)
       values ('broken', '1', 'ab', 'cd', '{}') returning id)
     insert into plumbline.observation_messages (model_id, pane_ms, observers, cells, created_at)
     select id, 300000, '{}', '[]', now() - interval '2 minutes' from broken, generate_series(1, 120)`,
  );
  const applications = createMadeUp(19).usual(240, hour(0), hour(2));
  await score(bed, applications);
  await observationsPassedOn(bed);
  await bed.jsm.streams.purge("OBSERVATIONS");
  // Overdue, like those of the other model.
  await bed.database.query("update plumbline.observation_messages set created_at = created_at - interval '1 minute'");
  const drift = bed.startDrift();
  await drift.ready();
  await eventually(
    "the counts of the model that can be judged are taken in",
    async () => {
      const { rows } = await bed.database.query<{ n: number }>(
        `select coalesce(sum(applications), 0)::int as n from plumbline.drift_panes`,
      );
      return rows[0]!.n === 240;
    },
    { withinMs: 15_000 },
  );
  const complaint = "model broken version 1 was registered without its reference profile";
  await eventually("it says which model it is", () => drift.log().includes(complaint), { withinMs: 15_000 });
  const { rows } = await bed.database.query("select count(*)::int as n from plumbline.observation_messages");
  expect(rows).toEqual([{ n: 120 }]);
  await bed.stopScorers();
});

test("features of a wrong type end as dead letters and are counted in the quality checks of their window", async () => {
  const bed = await createTestBed(HOURLY);
  const scorer = bed.startScorer();
  await scorer.ready();
  const madeUp = createMadeUp(15);
  const ofWrongType = (count: number, at: number) =>
    madeUp.usual(count, at, at + HOUR_MS).map((one) => ({ ...one, features: { ...one.features, dti: "high" } }));
  const good = madeUp.usual(240, hour(0), hour(2));
  await score(bed, [...good.slice(0, 120), ...ofWrongType(6, hour(0)), ...good.slice(120)]);
  await finishDrift(bed, HOURLY);
  const checks = async () =>
    onAllChannels(await storedReports(bed)).map(({ applications, quality }) => {
      const { rate, pass } = quality.find(({ feature, check }) => feature === "dti" && check === "type_error")!;
      return { applications, rate, pass };
    });
  const [second] = [{ applications: 120, rate: 0, pass: true }];
  expect(await checks()).toEqual([{ applications: 120, rate: 6 / 126, pass: false }, second]);
  const { state } = await bed.jsm.streams.info("DEADLETTERS");
  expect(state.messages).toBe(6);

  // Late ones correct the report like any application.
  await score(bed, ofWrongType(4, hour(0)));
  await finishDrift(bed, HOURLY);
  expect(await checks()).toEqual([{ applications: 120, rate: 10 / 130, pass: false }, second]);
  expect(await checkDrift(bed, { applications: 240, rules: RULES })).toEqual([]);
  await bed.stopScorers();
});

test("a channel with enough data has reports of its own, a small one has none", async () => {
  const bed = await createTestBed(HOURLY);
  const scorer = bed.startScorer();
  await scorer.ready();
  const madeUp = createMadeUp(16);
  await score(bed, madeUp.usual(600, hour(0), hour(3)), "web");
  await score(bed, madeUp.shifted(360, hour(0), hour(3)), "partner");
  await score(bed, madeUp.usual(60, hour(0), hour(3)), "branch");
  await finishDrift(bed, HOURLY);
  const reports = await storedReports(bed);
  expect(reports.map(({ channel, window, applications }) => [channel, inHours(window.start), applications])).toEqual(
    [0, 1, 2]
      .map((number) => ["*", number, 340])
      .concat(
        [0, 1, 2].map((number) => ["partner", number, 120]),
        [0, 1, 2].map((number) => ["web", number, 200]),
      ),
  );
  // One bad feed doesn't drown: its own reports tell of it, those of the others don't.
  const drifted = (channel: string) =>
    reports.filter((report) => report.channel === channel).map(({ features_drifted }) => features_drifted > 0);
  expect(drifted("partner")).toEqual([false, true, true]);
  expect(drifted("web")).toEqual([false, false, false]);
  const term = onAllChannels(reports)[0]!.features.find(({ name }) => name === "term_months")!;
  expect(term.channels).toEqual(["partner"]);
  expect(await checkDrift(bed, { applications: 1_020, rules: RULES })).toEqual([]);
  await bed.stopScorers();
});

test("sparse traffic is judged on longer windows, and where even 30 days don't suffice the verdict is that they don't", async () => {
  const bed = await createTestBed();
  const [scorer, drift] = [bed.startScorer(), bed.startDrift()];
  await Promise.all([scorer.ready(), drift.ready()]);
  const madeUp = createMadeUp(17);
  const applications = [
    // 50 an hour, 8 an hour, and after a pause 10 a day.
    ...madeUp.usual(50 * 24, day(0), day(1)),
    ...madeUp.usual(8 * 24 * 6, day(1), day(7)),
    ...madeUp.usual(10 * 35, day(40), day(75)),
  ];
  await score(bed, applications);
  await observationsTakenIn(bed);
  const windows = async () =>
    onAllChannels(await storedReports(bed)).map(({ window, applications: count, status }) => [
      inDays(window.start),
      inDays(window.end),
      count,
      status,
    ]);
  const closed = [
    [0, 1, 1_200, "judged"],
    [1, 4, 576, "judged"],
    [4, 7, 576, "judged"],
    [40, 70, 300, "insufficient"],
  ];
  expect(await windows()).toEqual(closed);
  await finishDrift(bed, {});
  expect(await windows()).toEqual([...closed, [70, 75, 50, "insufficient"]]);
  const [insufficient] = onAllChannels(await storedReports(bed)).slice(3);
  expect(insufficient).toMatchObject({ severity: "none", features_tested: 0, findings: [] });

  const rules = { grid: timeGrid(0, DAY_MS), minSamples: 500 };
  const undisturbed = await undisturbedReports(applications, "web", rules);
  expect(await checkDrift(bed, { applications: applications.length, rules, undisturbed })).toEqual([]);
  await bed.stopScorers();
});
