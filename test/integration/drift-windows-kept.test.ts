import { expect, test } from "vitest";
import { ALL_CHANNELS, type DriftReport } from "../../src/contracts/drift-report.ts";
import { judgeCells } from "../../src/drift/from-record.ts";
import { readCells } from "../../src/drift/pane-rows.ts";
import { inTransaction } from "../../src/platform/postgres.ts";
import { mergeMessages } from "../../src/scorer/merge-observations.ts";
import { cutName } from "../../src/statistics/panes.ts";
import {
  DAILY,
  database,
  day,
  daysOf,
  MIN_SAMPLES,
  readsOfReports,
  rowOf,
  stored,
  subject,
  take,
  takeRows,
  useFreshDatabase,
} from "../support/drift-intake.ts";
import { randomFrom } from "../support/seed.ts";

/** Which windows are judged again, and which stay as they are. */

useFreshDatabase();

test("an application late by many windows has its own judged again and those that follow from it, and no others", async () => {
  await take([{ from: day(0), to: day(60), applications: 6_000 }]);
  const before = await stored();
  expect(before.filter(({ channel }) => channel === ALL_CHANNELS)).toHaveLength(59);

  const late = await take([{ from: day(10), to: day(10) + 1, applications: 1 }]);
  expect(daysOf(late.reports)).toEqual([
    [ALL_CHANNELS, 10, 11, 101, 2],
    ["web", 10, 11, 101, 2],
  ]);
  // Per channel: two windows before it, itself, and two after it with those before them at hand.
  expect(readsOfReports(late)).toBeLessThanOrEqual(2 * 6);
  const after = await stored();
  expect(after.filter((report, index) => JSON.stringify(report) !== JSON.stringify(before[index]))).toHaveLength(2);

  // One that makes a window exceed changes what the next ones are called, as long as they exceed too.
  const shifted = await take([{ from: day(20), to: day(21), applications: 300, isShifted: true }]);
  expect(daysOf(shifted.reports).map(([, from]) => from)).toEqual([20, 20]);
  expect(readsOfReports(shifted)).toBeLessThanOrEqual(2 * 6);
});

test("a channel that fell silent long before the others went on is judged all the same", async () => {
  await take([
    { from: day(0), to: day(1), applications: 100, channel: "partner" },
    { from: day(0), to: day(0.5), applications: 10 },
  ]);
  expect(await stored()).toEqual([]);
  await take([{ from: day(90), to: day(91), applications: 100 }]);
  expect(daysOf(await stored())).toContainEqual(["partner", 0, 1, 100, 1]);
});

test("a small channel's windows don't move when their panes are forgotten", async () => {
  await take([
    { from: day(0), to: day(31), applications: 31, channel: "tiny" },
    { from: day(0), to: day(31), applications: 310 },
  ]);
  expect((await database.query("select window_start, window_end from plumbline.drift_insufficient")).rows).toEqual([
    { window_start: new Date(day(0)), window_end: new Date(day(30)) },
  ]);
  await database.query("delete from plumbline.drift_panes where pane_start < $1", [new Date(day(20))]);
  await take([{ from: day(35), to: day(36), applications: 200, channel: "tiny" }]);
  await take([{ from: day(37), to: day(38), applications: 2, channel: "tiny" }]);
  expect(daysOf(await stored()).filter(([channel]) => channel === "tiny")).toEqual([["tiny", 30, 36, 201, 1]]);
  // One that comes late for the window that had too few makes it enough.
  await take([{ from: day(25), to: day(26), applications: 40, channel: "tiny" }]);
  expect((await database.query("select from plumbline.drift_insufficient")).rows).toHaveLength(0);
});

test("made-up channels take bounded room, and count for all channels together", async () => {
  const crowd = Array.from({ length: 260 }, (_, index) => ({
    from: day(0),
    to: day(0) + 1,
    applications: 1,
    channel: `made-up-${index}`,
  }));
  await take(crowd);
  await take([{ from: day(0), to: day(0) + 1, applications: 1, channel: "made-up-too" }]);
  await take([{ from: day(2), to: day(3), applications: 1 }]);
  const { rows } = await database.query(
    `select count(*)::int channels, sum(applications) filter (where channel = '+')::int others
     from plumbline.drift_panes where pane_start = $1`,
    [new Date(day(0))],
  );
  expect(rows).toEqual([{ channels: 201, others: 61 }]);
  expect(daysOf(await stored())).toEqual([[ALL_CHANNELS, 0, 1, 261, 1]]);
});

test("what comes in one intake is late for nothing of it, however long a time it is of", async () => {
  const { late } = await take([{ from: day(0), to: day(600), applications: 36_000 }]);
  expect(late).toBe(0);
  const all = (await stored()).filter(({ channel }) => channel === ALL_CHANNELS);
  expect(all).toHaveLength(599);
  expect(daysOf(all)[0]).toEqual([ALL_CHANNELS, 0, 1, 60, 1]);
});

test("counts that are split for their size close no window before all of its counts are there", async () => {
  const channels = Array.from({ length: 40 }, (_, index) => `channel-${index}`);
  const rows = channels.map((channel) => rowOf([{ from: day(0), to: day(60), applications: 240, channel }], DAILY));
  const portions = mergeMessages(rows);
  expect(portions.length).toBeGreaterThan(3);
  for (const portion of portions) expect((await takeRows([portion])).late).toBe(0);
  const all = (await stored()).filter(({ channel }) => channel === ALL_CHANNELS);
  expect(daysOf(all)).toEqual(Array.from({ length: 59 }, (_, from) => [ALL_CHANNELS, from, from + 1, 160, 1]));
});

test("a channel that others have overtaken is corrected like any other", async () => {
  await take([
    { from: day(0), to: day(1), applications: 100, channel: "small" },
    { from: day(0), to: day(1.5), applications: 10 },
  ]);
  await take([{ from: day(2), to: day(3), applications: 10 }]);
  const others = Array.from({ length: 60 }, (_, index) => `other-${index}`);
  await take(others.map((channel) => ({ from: day(3), to: day(4), applications: 110, channel })));
  await take([{ from: day(0.5), to: day(0.6), applications: 9, channel: "small" }]);
  expect(daysOf(await stored()).filter(([channel]) => channel === "small")).toEqual([["small", 0, 1, 109, 2]]);
});

test("after any intake, late or not, the stored reports are those that the panes give", async () => {
  const random = randomFrom(12_345);
  const names = ["web", "partner", "tiny"];
  let clock = 0;
  for (let intake = 0; intake < 50; intake++) {
    const traffic = Array.from({ length: 1 + random.below(3) }, () => {
      const isLate = random.next() < 0.5;
      const ahead = random.next() < 0.1 ? 40 : 3;
      const at = isLate ? Math.max(-5, clock - random.next() * 30) : clock + random.next() * ahead;
      if (!isLate) clock = Math.max(clock, at);
      return {
        from: day(at),
        to: day(at + random.next() * 2),
        applications: 1 + random.below(70),
        channel: names[Math.floor(random.next() * random.next() * 3)]!,
        isShifted: random.next() < 0.4,
      };
    });
    await take(traffic);
    const { rows } = await database.query<{ watermark: Date }>("select watermark from plumbline.drift_progress");
    const panes = { modelId: subject.modelId, cut: cutName(DAILY.paneMs, DAILY.originMs) };
    const cells = await inTransaction(database, (client) => readCells(client, panes, day(-1_000), day(10_000)));
    const rules = { grid: DAILY, minSamples: MIN_SAMPLES };
    const expected = [ALL_CHANNELS, ...names.toSorted()].flatMap((channel) =>
      judgeCells(
        subject,
        channel,
        cells.filter((cell) => channel === ALL_CHANNELS || cell.channel === channel),
        rules,
        rows[0]!.watermark.getTime(),
      ),
    );
    const comparable = (reports: readonly DriftReport[]) =>
      JSON.parse(JSON.stringify(reports.map((report) => ({ ...report, revision: 0 }))));
    expect({ intake, reports: comparable(await stored()) }).toEqual({ intake, reports: comparable(expected) });
  }
}, 120_000);
