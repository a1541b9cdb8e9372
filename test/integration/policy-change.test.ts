import { expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { explain, readScore, type ScoreRow } from "../../src/models/explain.ts";
import { makeApplication } from "../support/applications.ts";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { outgoing } from "../support/load.ts";
import { merged, type Published, publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

test("a new policy decides without a restart, and what was decided stays decided", async () => {
  const bed = await createTestBed();
  await bed.startScorer().ready();
  const random = randomFrom(11);
  const published: Published[] = [];
  async function decide(id: string): Promise<ScoreRow | undefined> {
    const messages = [outgoing("web", JSON.stringify(makeApplication(id, random)))];
    published.push(await publishAll(bed.js, messages));
    await drained(bed);
    return readScore(bed.database, id);
  }
  const first = await decide("first");
  expect(first).toMatchObject({ policy_version: "1" });

  await bed.database.query("insert into public.policies values ('lendingclub', 'all', 1.5, 2, 0.1, 0.3)");
  let asked = 0;
  const changed = await eventually(
    "the new policy decides",
    async () => {
      const row = await decide(`later-${++asked}`);
      return row?.policy_version === "all" ? row : undefined;
    },
    { withinMs: 10_000, everyMs: 200 },
  );
  expect(changed.decision).toBe("approve");
  const bundle = await readBundle(`${ROOT}models/lendingclub`);
  for (const row of [first!, changed]) expect(await explain(bed.database, row, bundle)).toMatchObject({ equal: true });
  expect(await readScore(bed.database, "first")).toEqual(first);
  await bed.stopScorers();
  expect((await checkDelivery(bed, merged(...published))).violations).toEqual([]);
});
