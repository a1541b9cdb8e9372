import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closedWindows, LONGEST_MS, type PaneSize } from "../../../src/drift/windows.ts";
import { type TimeGrid, timeGrid } from "../../../src/statistics/panes.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ORIGIN = Date.UTC(2026, 0, 1);
const DAILY = { grid: timeGrid(ORIGIN, DAY_MS), minSamples: 500 };

type Plan = { readonly grid: TimeGrid; readonly minSamples: number; readonly panes: PaneSize[] };

/** Panes on grids of every width, with gaps of up to months, of windows that are full and of such that never are. */
const plan: fc.Arbitrary<Plan> = fc
  .record({
    origin: fc.integer({ min: -DAY_MS, max: DAY_MS }),
    windowMs: fc.constantFrom(HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 45 * DAY_MS),
    minSamples: fc.integer({ min: 1, max: 300 }),
    first: fc.integer({ min: -500, max: 500 }),
    steps: fc.array(
      fc.record({
        panes: fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: 1, max: 20 }) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 1_500 }) },
        ),
        applications: fc.integer({ min: 0, max: 120 }),
      }),
      { maxLength: 80 },
    ),
  })
  .map(({ origin, windowMs, minSamples, first, steps }) => {
    const grid = timeGrid(ORIGIN + origin, windowMs);
    let pane = first;
    const panes = steps.map(({ panes: step, applications }) => {
      pane += step;
      return { start: grid.originMs + pane * grid.paneMs, applications };
    });
    return { grid, minSamples, panes };
  });

const watermarkOf = ({ panes, grid }: Plan, share: number): number => {
  const [first, last] = [panes[0]?.start ?? 0, panes.at(-1)?.start ?? 0];
  return first + share * (last + LONGEST_MS + 2 * grid.windowMs - first);
};
const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY));
const total = (panes: readonly PaneSize[], from: number, to: number) =>
  panes.filter(({ start }) => start >= from && start < to).reduce((sum, { applications }) => sum + applications, 0);

function holds(property: (of: Plan, watermark: number) => void): void {
  fc.assert(
    fc.property(plan, share, (of, part) =>
      property(of, part === Number.POSITIVE_INFINITY ? part : watermarkOf(of, part)),
    ),
    { numRuns: 500 },
  );
}

describe("the closed windows of any panes", () => {
  it("are in order, don't overlap, and lie on the grid", () => {
    holds(({ panes, ...rules }, watermark) => {
      const { originMs, windowMs } = rules.grid;
      let end = Number.NEGATIVE_INFINITY;
      for (const window of closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark)) {
        expect(window.start).toBeGreaterThanOrEqual(end);
        expect(window.end).toBeGreaterThan(window.start);
        expect(Math.abs((window.start - originMs) % windowMs)).toBe(0);
        expect(Math.abs((window.end - originMs) % windowMs)).toBe(0);
        end = window.end;
      }
    });
  });

  it("hold every application before the end of the last one, exactly once", () => {
    holds(({ panes, ...rules }, watermark) => {
      const windows = closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark);
      for (const { start, end, applications } of windows) expect(applications).toBe(total(panes, start, end));
      const until = windows.at(-1)?.end ?? Number.NEGATIVE_INFINITY;
      expect(windows.reduce((sum, { applications }) => sum + applications, 0)).toBe(
        total(panes, Number.NEGATIVE_INFINITY, until),
      );
      if (watermark === Number.POSITIVE_INFINITY) expect(total(panes, until, Number.POSITIVE_INFINITY)).toBe(0);
    });
  });

  it("end before the watermark, and none that could be closed is missing", () => {
    holds(({ panes, ...rules }, watermark) => {
      const windows = closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark);
      for (const { end } of windows) expect(end).toBeLessThanOrEqual(watermark);
      if (watermark === Number.POSITIVE_INFINITY) return;
      // What is closed by now is what a later watermark closes first.
      const later = closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark + 3 * LONGEST_MS);
      expect(later.slice(0, windows.length)).toEqual(windows);
      for (const { end } of later.slice(windows.length)) expect(end).toBeGreaterThan(watermark);
    });
  });

  it("are never longer than 30 days, unless one width is, and no longer than it takes to fill them", () => {
    holds(({ panes, ...rules }, watermark) => {
      const { windowMs } = rules.grid;
      for (const { start, end } of closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark)) {
        expect(end - start).toBeLessThanOrEqual(Math.max(LONGEST_MS, windowMs));
        if (end - start > windowMs) expect(total(panes, start, end - windowMs)).toBeLessThan(rules.minSamples);
      }
    });
  });

  it("are insufficient only when they could not be extended, and judged only with enough applications", () => {
    holds(({ panes, ...rules }, watermark) => {
      const { windowMs } = rules.grid;
      const windows = closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark);
      windows.forEach(({ start, end, applications, status }, index) => {
        expect(status).toBe(applications >= rules.minSamples ? "judged" : "insufficient");
        const isLast = watermark === Number.POSITIVE_INFINITY && index === windows.length - 1;
        if (status === "insufficient" && !isLast)
          expect(end - start + windowMs).toBeGreaterThan(Math.max(LONGEST_MS, windowMs));
      });
    });
  });

  it("have the same tail when they are made again from the end of any of them", () => {
    holds(({ panes, ...rules }, watermark) => {
      const windows = closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark);
      windows.forEach(({ end }, index) => {
        expect(closedWindows(panes, rules, end, watermark)).toEqual(windows.slice(index + 1));
      });
    });
  });

  it("are the same whatever width the panes have within them", () => {
    holds(({ panes, ...rules }, watermark) => {
      const coarse = Map.groupBy(panes, ({ start }) => {
        const { originMs, windowMs } = rules.grid;
        return originMs + Math.floor((start - originMs) / windowMs) * windowMs;
      });
      const whole = [...coarse].map(([start, same]) => ({ start, applications: total(same, -Infinity, Infinity) }));
      expect(closedWindows(whole, rules, Number.NEGATIVE_INFINITY, watermark)).toEqual(
        closedWindows(panes, rules, Number.NEGATIVE_INFINITY, watermark),
      );
    });
  });
});

describe("windows of 24 hours with at least 500 applications", () => {
  const hourly = (perHour: number, days: number, firstDay = 0): PaneSize[] =>
    Array.from({ length: days * 12 }, (_, pane) => ({
      start: ORIGIN + firstDay * DAY_MS + pane * 2 * HOUR_MS,
      applications: perHour * 2,
    }));
  const day = (number: number) => ORIGIN + number * DAY_MS;
  const windowsOf = (panes: readonly PaneSize[], watermark: number) =>
    closedWindows(panes, DAILY, Number.NEGATIVE_INFINITY, watermark);

  it("are judged every day at 50 applications an hour", () => {
    const judged = { applications: 1_200, status: "judged" };
    expect(windowsOf(hourly(50, 3), day(2))).toEqual([
      { start: day(0), end: day(1), ...judged },
      { start: day(1), end: day(2), ...judged },
    ]);
  });

  it("are extended by whole days until they hold enough", () => {
    expect(windowsOf(hourly(10, 9), day(9)).map(({ start, end, status }) => [start, end, status])).toEqual([
      [day(0), day(3), "judged"],
      [day(3), day(6), "judged"],
      [day(6), day(9), "judged"],
    ]);
  });

  it("are insufficient after 30 days with 499 applications, and judged with 500", () => {
    const panes = [
      { start: day(0), applications: 1 },
      { start: day(29), applications: 498 },
    ];
    expect(windowsOf(panes, day(30) - 1)).toEqual([]);
    expect(windowsOf(panes, day(30))).toEqual([
      { start: day(0), end: day(30), applications: 499, status: "insufficient" },
    ]);
    const enough = [...panes, { start: day(29) + 2 * HOUR_MS, applications: 1 }];
    expect(windowsOf(enough, day(30))).toMatchObject([{ applications: 500, status: "judged" }]);
  });

  it("begin with the first day that has applications, and leave out the days between that have none", () => {
    const panes = [...hourly(50, 1, 2), ...hourly(50, 1, 70)];
    expect(windowsOf(panes, day(80)).map(({ start, end }) => [start, end])).toEqual([
      [day(2), day(3)],
      [day(70), day(71)],
    ]);
  });

  it("close with the last day that has applications when nothing more is to come", () => {
    expect(windowsOf(hourly(2, 4), day(4))).toEqual([]);
    expect(windowsOf(hourly(2, 4), Number.POSITIVE_INFINITY)).toEqual([
      { start: day(0), end: day(4), applications: 192, status: "insufficient" },
    ]);
  });

  it("are none without applications", () => {
    expect(windowsOf([], Number.POSITIVE_INFINITY)).toEqual([]);
    expect(windowsOf([{ start: day(0), applications: 0 }], Number.POSITIVE_INFINITY)).toEqual([]);
  });
});
