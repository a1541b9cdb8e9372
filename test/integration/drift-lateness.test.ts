import { expect, test } from "vitest";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import { drained } from "../support/drain.ts";
import { finishDrift, observationsTakenIn, onAllChannels, storedReports } from "../support/drift-bed.ts";
import { checkDrift, driftEvents } from "../support/drift-checker.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";
import { undisturbedReports } from "../support/undisturbed-reports.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2025, 2, 1);
const hour = (number: number) => START + number * HOUR_MS;
const GRID = timeGrid(0, HOUR_MS);
const HOURLY = { DRIFT_WINDOW: "1h", DRIFT_MIN_SAMPLES: "100" };
const RULES = { grid: GRID, minSamples: 100 };

/** A bed with one scorer and one drift consumer. */
async function start(environment: Readonly<Record<string, string>>) {
  const bed = await createTestBed(environment);
  const scorer = bed.startScorer();
  const drift = bed.startDrift();
  await Promise.all([scorer.ready(), drift.ready()]);
  return { bed, drift };
}

/** Publishes on `web` and waits until all is scored and taken in. */
async function take(bed: TestBed, applications: readonly ApplicationEvent[]): Promise<void> {
  await publishAll(bed.js, sentOn("web", applications));
  await drained(bed);
  await observationsTakenIn(bed);
}

const windowsOf = async (bed: TestBed) =>
  onAllChannels(await storedReports(bed)).map(({ window, revision, applications }) => [
    (Date.parse(window.start) - START) / HOUR_MS,
    (Date.parse(window.end) - START) / HOUR_MS,
    applications,
    revision,
  ]);

const lateApplications = (metrics: string) =>
  Number(/^plumbline_drift_late_applications_total\{model="[^"]+"\} (\d+)$/m.exec(metrics)?.[1]);

test("applications out of order within the lateness give the reports of those in order, each made once", async () => {
  const { bed, drift } = await start({ ...HOURLY, DRIFT_LATENESS: "10m" });
  const random = randomFrom(5);
  const applications = createMadeUp(1).usual(600, hour(0), hour(5));
  const arrival = new Map(
    applications.map((one) => [one, Date.parse(one.submitted_at) + random.next() * 10 * MINUTE_MS]),
  );
  const shuffled = applications.toSorted((a, b) => arrival.get(a)! - arrival.get(b)!);
  expect(shuffled).not.toEqual(applications);
  // In portions, so that windows close while applications of theirs might still come.
  let closedOnTheWay = 0;
  for (let next = 0; next < shuffled.length; next += 75) {
    await take(bed, shuffled.slice(next, next + 75));
    closedOnTheWay = (await windowsOf(bed)).length;
  }
  expect(closedOnTheWay).toBe(4);
  await finishDrift(bed, HOURLY);

  expect(await windowsOf(bed)).toEqual([0, 1, 2, 3, 4].map((number) => [number, number + 1, 120, 1]));
  const undisturbed = await undisturbedReports(applications, "web", RULES);
  expect(await checkDrift(bed, { applications: 600, rules: RULES, undisturbed })).toEqual([]);
  expect((await driftEvents(bed)).map(({ event }) => event.revision)).toEqual(Array(10).fill(1));
  expect(lateApplications(await drift.metrics())).toBe(0);
  await bed.stopScorers();
});

test("applications later than that are counted, their window is corrected, and those after it are judged again", async () => {
  const { bed, drift } = await start(HOURLY);
  const madeUp = createMadeUp(2);
  const all = [
    madeUp.usual(200, hour(0), hour(1)),
    madeUp.shifted(200, hour(1), hour(2)),
    madeUp.shifted(200, hour(2), hour(3)),
    madeUp.usual(20, hour(3), hour(3) + 10 * MINUTE_MS),
  ].flat();
  await take(bed, all);
  const term = async () =>
    onAllChannels(await storedReports(bed)).map(({ features }) => {
      const { exceeds, drifted, since } = features.find(({ name }) => name === "term_months")!;
      return { exceeds, drifted, since };
    });
  const isoHour = (number: number) => new Date(hour(number)).toISOString();
  expect(await windowsOf(bed)).toEqual([
    [0, 1, 200, 1],
    [1, 2, 200, 1],
    [2, 3, 200, 1],
  ]);
  expect(await term()).toEqual([
    { exceeds: "none", drifted: "none", since: null },
    { exceeds: "critical", drifted: "none", since: isoHour(1) },
    { exceeds: "critical", drifted: "critical", since: isoHour(1) },
  ]);

  const late = madeUp.shifted(800, hour(0), hour(1));
  await take(bed, late);
  // They may be taken in several messages, each a revision.
  const revised = expect.toSatisfy((revision: number) => revision > 1);
  expect(await windowsOf(bed)).toEqual([
    [0, 1, 1_000, revised],
    [1, 2, 200, revised],
    [2, 3, 200, revised],
  ]);
  expect(await term()).toEqual([
    { exceeds: "critical", drifted: "none", since: isoHour(0) },
    { exceeds: "critical", drifted: "critical", since: isoHour(0) },
    { exceeds: "critical", drifted: "critical", since: isoHour(0) },
  ]);
  expect(lateApplications(await drift.metrics())).toBe(800);
  const { rows } = await bed.database.query("select late_applications::int as late from plumbline.drift_progress");
  expect(rows).toEqual([{ late: 800 }]);

  await finishDrift(bed, HOURLY);
  const undisturbed = await undisturbedReports([...all, ...late], "web", RULES);
  expect(await checkDrift(bed, { applications: 1_420, rules: RULES, undisturbed })).toEqual([]);
  await bed.stopScorers();
});

test("where late applications move the borders of windows, the reports of those that are no more are withdrawn", async () => {
  const { bed } = await start(HOURLY);
  const madeUp = createMadeUp(3);
  const all = [
    madeUp.usual(60, hour(0), hour(1)),
    madeUp.usual(60, hour(1), hour(2)),
    madeUp.usual(120, hour(2), hour(3)),
    madeUp.usual(20, hour(3), hour(3) + 10 * MINUTE_MS),
  ].flat();
  await take(bed, all);
  expect(await windowsOf(bed)).toEqual([
    [0, 2, 120, 1],
    [2, 3, 120, 1],
  ]);
  // What was said last of each window, in the order of the windows.
  const told = async (channel: string) => {
    const last = new Map<string, unknown[]>();
    for (const { event } of await driftEvents(bed)) {
      const { window, status, revision } = event;
      const [from, to] = [window.start, window.end].map((end) => (Date.parse(end) - START) / HOUR_MS);
      if (event.channel === channel) last.set(`${from} ${to}`, [from, to, status, revision]);
    }
    return [...last].sort().map(([, entry]) => entry);
  };

  // With them the first hour suffices, and the second takes the third along.
  const late = madeUp.usual(60, hour(0), hour(1));
  await take(bed, late);
  // Late applications may be taken in several messages, each a revision.
  const some = expect.any(Number);
  expect(await windowsOf(bed)).toEqual([
    [0, 1, 120, some],
    [1, 3, 180, some],
  ]);
  const withdrawn = expect.toSatisfy((revision: number) => revision > 1);
  for (const channel of ["*", "web"]) {
    expect(await told(channel)).toEqual([
      [0, 1, "judged", some],
      [0, 2, "withdrawn", withdrawn],
      [1, 3, "judged", some],
      [2, 3, "withdrawn", withdrawn],
    ]);
  }

  // With these the second hour suffices too: a window that was withdrawn is there again, and says so with a higher revision.
  const later = madeUp.usual(60, hour(1), hour(2));
  await take(bed, later);
  const again = expect.toSatisfy((revision: number) => revision > 2);
  expect(await windowsOf(bed)).toEqual([
    [0, 1, 120, some],
    [1, 2, 120, some],
    [2, 3, 120, again],
  ]);
  await finishDrift(bed, HOURLY);
  const undisturbed = await undisturbedReports([...all, ...late, ...later], "web", RULES);
  expect(await checkDrift(bed, { applications: 380, rules: RULES, undisturbed })).toEqual([]);
  await bed.stopScorers();
});

test("an application dated 2099 is scored and counted, and changes neither watermark nor reports", async () => {
  const { bed, drift } = await start(HOURLY);
  const madeUp = createMadeUp(4);
  const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const first = madeUp.usual(360, thisHour - 4 * HOUR_MS, thisHour - HOUR_MS);
  await take(bed, first);
  const watermark = async () => (await bed.database.query("select watermark from plumbline.drift_progress")).rows;
  const before = { watermark: await watermark(), reports: await storedReports(bed) };
  expect(onAllChannels(before.reports)).toHaveLength(2);

  const [ahead] = madeUp.usual(1, Date.UTC(2099, 0, 1), Date.UTC(2099, 0, 2));
  await take(bed, [ahead!]);
  expect({ watermark: await watermark(), reports: await storedReports(bed) }).toEqual(before);
  const { rows } = await bed.database.query<{ received_at: Date }>(
    "select received_at from public.scores where application_id = $1",
    [ahead!.application_id],
  );
  expect(rows).toHaveLength(1);
  const receivedAt = rows[0]!.received_at.getTime();

  const last = madeUp.usual(120, receivedAt, receivedAt + 1);
  await take(bed, last);
  expect(lateApplications(await drift.metrics())).toBe(0);
  await finishDrift(bed, HOURLY);
  const all = onAllChannels(await storedReports(bed));
  expect(all.map(({ applications, dated_ahead }) => [applications, dated_ahead])).toEqual([
    [120, 0],
    [120, 0],
    [120, 0],
    [120, 1],
  ]);
  expect(await checkDrift(bed, { applications: 480, rules: RULES })).toEqual([]);
  await bed.stopScorers();
});
