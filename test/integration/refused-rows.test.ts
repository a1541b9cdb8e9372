import { expect, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { eventually } from "../support/eventually.ts";
import { outgoing } from "../support/load.ts";
import { publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

test("a database that refuses even the dead letter of an application is waited for, and its neighbours are decided", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const ids = ["A", "B", "C", "D", "E"];
  await publishAll(
    bed.js,
    ids.map((id) => outgoing("web", JSON.stringify(makeApplication(id, randomFrom(1))))),
  );
  await bed.database.query("alter table plumbline.applications add constraint odd check (sequence <> 3)");
  const scorer = bed.startScorer();
  const published = async () => (await bed.jsm.streams.info("SCORES")).state.messages;
  await eventually("the others are published", async () => (await published()) === 4, { withinMs: 30_000 });
  expect((await bed.jsm.streams.info("APPLICATIONS")).state.messages).toBeLessThan(5);
  // Handed back every one or two seconds, not tried without end.
  expect(scorer.log().split("\n").length).toBeLessThan(300);

  await bed.database.query("alter table plumbline.applications drop constraint odd");
  await eventually("all are published", async () => (await published()) === 5, { withinMs: 15_000 });
  await bed.stopScorers();
  expect((await bed.jsm.streams.info("DEADLETTERS")).state.messages).toBe(0);
});
