import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesOf, type Episode } from "../../../src/alerts/episodes.ts";
import type { ReportedAlert } from "../../../src/contracts/alert-report.ts";

const firing = (startsAt: number): ReportedAlert => resolved(startsAt, undefined);
const resolved = (startsAt: number, endsAt: number | undefined): ReportedAlert => ({
  fingerprint: "ab",
  labels: {},
  annotations: {},
  startsAt,
  endsAt,
});

type History = { readonly episodes: Episode[]; readonly told: string[] };

/** What the store makes of reports: the episodes, and the events in their order. */
function take(reports: readonly ReportedAlert[], isCertain = false, before: History = { episodes: [], told: [] }) {
  const episodes = new Map(before.episodes.map((episode) => [episode.startsAt, episode]));
  const told = [...before.told];
  for (const report of reports) {
    const known = [...episodes.values()].filter((one) => one.endsAt === undefined || one.startsAt >= report.startsAt);
    for (const change of changesOf(known, report, isCertain)) {
      if (change.kind === "refresh") continue;
      const { startsAt, endsAt } = change;
      expect(episodes.has(startsAt)).toBe(change.kind !== "open");
      if (change.kind === "open") told.push(`firing ${startsAt}`);
      if (endsAt !== undefined && change.kind !== "correct") told.push(`resolved ${startsAt}`);
      episodes.set(startsAt, { startsAt, endsAt });
      expect([...episodes.values()].filter((one) => one.endsAt === undefined).length).toBeLessThanOrEqual(1);
    }
  }
  return { episodes: [...episodes.values()].sort((a, b) => a.startsAt - b.startsAt), told };
}

describe("an alert's episodes", () => {
  it("begin and end once, however often that is told", () => {
    const { episodes, told } = take([firing(1), firing(1), resolved(1, 5), resolved(1, 5), resolved(1, 6)]);
    expect(episodes).toEqual([{ startsAt: 1, endsAt: 5 }]);
    expect(told).toEqual(["firing 1", "resolved 1"]);
  });

  it("aren't opened again by a notification that comes late, and are by what Alertmanager answers", () => {
    const over = take([resolved(1, 5), firing(1)]);
    expect(over).toEqual({ episodes: [{ startsAt: 1, endsAt: 5 }], told: ["firing 1", "resolved 1"] });
    const again = take([firing(1), firing(1)], true, over);
    expect(again.episodes).toEqual([
      { startsAt: 1, endsAt: 5 },
      { startsAt: 6, endsAt: undefined },
    ]);
    // Alertmanager ends it under its own start; the end of the first time doesn't.
    expect(take([resolved(1, 5)], false, again)).toEqual(again);
    expect(take([resolved(1, 9)], false, again).episodes[1]).toEqual({ startsAt: 6, endsAt: 9 });
  });

  it("follow each other: the one before is over when the next one begins, in whichever order that is told", () => {
    expect(take([firing(1), firing(7)]).told).toEqual(["firing 1", "resolved 1", "firing 7"]);
    const late = take([firing(7), firing(1)]);
    expect(late.told).toEqual(["firing 7", "firing 1", "resolved 1"]);
    expect(late.episodes).toEqual([
      { startsAt: 1, endsAt: 7 },
      { startsAt: 7, endsAt: undefined },
    ]);
  });

  it("end with Alertmanager's, also when that has moved to an earlier start", () => {
    expect(take([firing(4), resolved(2, 9)]).episodes).toEqual([
      { startsAt: 2, endsAt: 9 },
      { startsAt: 4, endsAt: 9 },
    ]);
    expect(take([firing(4), resolved(1, 3)]).episodes[1]).toEqual({ startsAt: 4, endsAt: undefined });
    expect(take([firing(2)], true, take([firing(4)])).told).toEqual(["firing 4"]);
  });

  it("are all there once, whatever was repeated, lost, late or in the wrong order", () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })), { maxLength: 5 });
    const order = fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(gaps, order, (lengths, sent) => {
        let now = 0;
        const real = lengths.map(([gap, length]) => {
          const startsAt = now + gap;
          now = startsAt + length;
          return { startsAt, endsAt: now };
        });
        const reports = sent.flatMap(([which, isOver]) => {
          const episode = real[which];
          return episode ? [resolved(episode.startsAt, isOver ? episode.endsAt : undefined)] : [];
        });
        const { episodes, told } = take(reports);
        expect(episodes.map(({ startsAt }) => startsAt)).toEqual(
          [...new Set(reports.map(({ startsAt }) => startsAt))].sort((a, b) => a - b),
        );
        for (const { startsAt, endsAt } of episodes) {
          const own = told.filter((event) => event.endsWith(` ${startsAt}`));
          expect(own).toEqual([`firing ${startsAt}`, ...(endsAt === undefined ? [] : [`resolved ${startsAt}`])]);
          const isOver = reports.some((report) => report.startsAt === startsAt && report.endsAt !== undefined);
          if (isOver) expect(endsAt).toBe(real.find((one) => one.startsAt === startsAt)!.endsAt);
        }
        expect(take(reports, false, { episodes, told })).toEqual({ episodes, told });
      }),
      { numRuns: 2_000 },
    );
  });
});
