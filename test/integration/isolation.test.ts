import { beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/platform/log.ts";
import { createIsolation } from "../../src/scorer/isolate.ts";
import type { NewRow } from "../../src/scorer/record.ts";
import type { Scorable } from "../../src/scorer/score.ts";
import { databaseOfFile } from "../support/test-database.ts";
import { decision, entry, event } from "../unit/scorer/entries.ts";

const database = databaseOfFile();
beforeEach(() => database().query("truncate plumbline.scoring_attempts"));

type Score = (entries: readonly Scorable[]) => Promise<NewRow[]>;

function isolation(score: Score) {
  const log = createLogger("silent", "test");
  return createIsolation({ score, database: database(), log, untilServed: (query) => query() });
}

const entries = (...sequences: number[]) => sequences.map((sequence) => entry(sequence, event(`A-${sequence}`), 2));
const good: Score = async ([one]) => {
  const { sequence } = one!;
  return [
    {
      kind: "decision",
      decision: decision(sequence, `A-${sequence}`),
      modelId: 1,
      reasonMethod: null,
      application: event(`A-${sequence}`),
      event: "",
    },
  ];
};
const noted = async () =>
  (await database().query("select sequence::int, attempts from plumbline.scoring_attempts")).rows;

describe("applications scored alone", () => {
  it("get their rows in order, one at a time, and their attempts are forgotten", async () => {
    const scoreAlone = isolation(good);
    const rows = await scoreAlone(entries(3, 4, 5));
    expect(rows.map((row) => row.kind === "decision" && row.decision.sequence)).toEqual([3, 4, 5]);
    expect(await noted()).toEqual([]);
    expect(await scoreAlone([])).toEqual([]);
  });

  it("are noted before they are scored, because the process may not live to do it afterwards", async () => {
    const seen: unknown[] = [];
    const scoreAlone = isolation(async (one) => {
      seen.push(await noted());
      return good(one);
    });
    await scoreAlone(entries(3, 4));
    expect(seen).toEqual([[{ sequence: 3, attempts: 1 }], [{ sequence: 4, attempts: 1 }]]);
  });

  it("are poison after three failures, the neighbours being none the worse for it", async () => {
    const tried: number[] = [];
    const scoreAlone = isolation(async (one) => {
      tried.push(one[0]!.sequence);
      if (one[0]!.sequence === 4) throw new Error("no answer");
      return good(one);
    });
    const rows = await scoreAlone(entries(3, 4, 5));
    expect(tried).toEqual([3, 4, 4, 4, 5]);
    expect(rows.map(({ kind }) => kind)).toEqual(["decision", "dead_letter", "decision"]);
    expect(rows[1]).toMatchObject({ sequence: 4, rejection: { reason: "poison" } });
    expect(await noted()).toEqual([]);
  });

  it("that ended their process count those attempts, and the third ends it for good", async () => {
    await database().query("insert into plumbline.scoring_attempts (sequence, attempts) values (6, 2), (7, 3)");
    const tried: number[] = [];
    const scoreAlone = isolation(async (one) => {
      tried.push(one[0]!.sequence);
      throw new Error("no answer");
    });
    const rows = await scoreAlone(entries(6, 7));
    expect(tried).toEqual([6]);
    expect(rows.map(({ kind }) => kind)).toEqual(["dead_letter", "dead_letter"]);
  });

  it("of several batches are still scored one at a time, so that a crash is blamed on one", async () => {
    let atOnce = 0;
    let most = 0;
    const scoreAlone = isolation(async (one) => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce--;
      if (one[0]!.sequence === 2) throw new Error("no answer");
      return good(one);
    });
    const batches = await Promise.all([scoreAlone(entries(1, 2)), scoreAlone(entries(3, 4)), scoreAlone(entries(5))]);
    expect(most).toBe(1);
    expect(batches.map((rows) => rows.map(({ kind }) => kind))).toEqual([
      ["decision", "dead_letter"],
      ["decision", "decision"],
      ["decision"],
    ]);
  });
});
