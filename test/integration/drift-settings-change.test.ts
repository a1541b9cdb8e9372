import { expect, test } from "vitest";
import { ALL_CHANNELS } from "../../src/contracts/drift-report.ts";
import { mergeMessages } from "../../src/scorer/merge-observations.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import {
  DAILY,
  DAY_MS,
  database,
  day,
  daysOf,
  eventsOf,
  rowOf,
  START,
  stored,
  take,
  takeRows,
  useFreshDatabase,
} from "../support/drift-intake.ts";

/** What becomes of windows and panes when the width or the origin of windows changes, or differs between scorers. */

const OTHER_OBSERVER = "00000000-0000-4000-8000-000000000002";

useFreshDatabase();

test("reports of another width or origin stay when the settings change", async () => {
  await take([{ from: day(0), to: day(5), applications: 500 }]);
  const daily = await stored();
  expect(daysOf(daily).slice(0, 2)).toEqual([
    [ALL_CHANNELS, 0, 1, 100, 1],
    [ALL_CHANNELS, 1, 2, 100, 1],
  ]);
  const twoDays = timeGrid(START, 2 * DAY_MS);
  await take([{ from: day(6), to: day(12), applications: 600 }], twoDays);
  const shifted = timeGrid(START + DAY_MS, 2 * DAY_MS);
  await take([{ from: day(13), to: day(19), applications: 600 }], shifted);
  const all = (await stored()).filter(({ channel }) => channel === ALL_CHANNELS);
  expect(daysOf(all).map(([, from, to]) => [from, to])).toEqual(
    [
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
      ],
      [
        [6, 8],
        [8, 10],
      ],
      // The same panes serve every origin that they fit: what is kept of them is judged on the new windows too.
      [
        [5, 7],
        [7, 9],
        [9, 11],
        [11, 13],
        [13, 15],
        [15, 17],
      ],
    ]
      .flat()
      .toSorted((a, b) => a[0]! - b[0]!),
  );
  expect(await eventsOf()).not.toContain("withdrawn");
});

test("counts for panes that begin elsewhere are kept, and neither judged nor let close a window", async () => {
  await take([{ from: day(0), to: day(1), applications: 100 }]);
  const elsewhere = timeGrid(START + 1_000, DAY_MS);
  expect((await take([{ from: day(0), to: day(9), applications: 900 }], elsewhere, DAILY)).reports).toEqual([]);
  const { rows } = await database.query(
    "select cut, sum(applications)::int n from plumbline.drift_panes group by cut order by n",
  );
  expect(rows).toEqual([
    { cut: "7200000+0", n: 100 },
    { cut: "7200000+1000", n: 900 },
  ]);
  expect(daysOf((await take([{ from: day(1), to: day(2), applications: 100 }])).reports)).toEqual([
    [ALL_CHANNELS, 0, 1, 100, 1],
    ["web", 0, 1, 100, 1],
  ]);
});

test("a scorer with another origin holds up nobody else's verdicts", async () => {
  const right = rowOf([{ from: day(0), to: day(5), applications: 500 }], DAILY);
  const wrong = rowOf([{ from: day(0), to: day(5), applications: 5 }], timeGrid(START + 1_000, DAY_MS), OTHER_OBSERVER);
  await takeRows(mergeMessages([right, wrong]));
  expect(daysOf(await stored()).filter(([channel]) => channel === ALL_CHANNELS)).toHaveLength(4);
});

test("a while of short windows takes nothing from the long ones that were before and are again", async () => {
  await take([{ from: day(0), to: day(200), applications: 20_000 }]);
  await take([{ from: day(200), to: day(201), applications: 200 }], timeGrid(START, DAY_MS / 24));
  await take([{ from: day(201), to: day(202), applications: 100 }]);
  const before = await stored();
  await take([{ from: day(50), to: day(50) + 1, applications: 1 }]);
  const after = await stored();
  expect(after).toHaveLength(before.length);
  expect(daysOf(after.filter(({ window }) => window.start === new Date(day(50)).toISOString()))).toEqual([
    [ALL_CHANNELS, 50, 51, 101, 2],
    ["web", 50, 51, 101, 2],
  ]);
});
