import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { checkDelivery } from "../support/checker.ts";
import { drained } from "../support/drain.ts";
import { outgoing } from "../support/load.ts";
import { type Published, publishAll } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { backupStream, restoreStream } from "../support/stream-backup.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";
import { cloneDatabase } from "../support/test-database.ts";

/** What docs/operations.md says of restoring the broker's data and the database's. */

const STREAMS = ["APPLICATIONS", "SCORES", "DEADLETTERS"] as const;

function publish(bed: TestBed, batch: string, count: number): Promise<Published> {
  const random = randomFrom(batch.charCodeAt(0));
  const applications = Array.from({ length: count }, (_, n) => makeApplication(`${batch}-${n}`, random));
  return publishAll(
    bed.js,
    applications.map((application) => outgoing("web", JSON.stringify(application))),
  );
}

/** A copy of the database as it is now, and the bed with the copy in place of its own. No scorer may run. */
async function copyDatabase(bed: TestBed): Promise<TestBed> {
  const name = new URL(bed.databaseUrl).pathname.slice(1);
  const elsewhere = new URL(bed.databaseUrl);
  elsewhere.pathname = "/postgres";
  const client = new pg.Client(elsewhere.href);
  await client.connect();
  await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  await client.end();
  const copy = await cloneDatabase(bed.databaseUrl);
  const database = new pg.Pool({ connectionString: copy.url, max: 2 });
  database.on("error", () => {});
  onTestFinished(async () => {
    await bed.stopScorers();
    await database.end();
    await copy.drop();
  });
  const environment = { ...bed.environment, DATABASE_URL: copy.url };
  const startScorer: TestBed["startScorer"] = (more) => bed.startScorer({ DATABASE_URL: copy.url, ...more });
  return { ...bed, databaseUrl: copy.url, database, environment, startScorer };
}

async function decide(bed: TestBed): Promise<void> {
  await bed.startScorer().ready();
  await drained(bed);
  await bed.stopScorers();
}

async function loseBroker({ jsm }: TestBed): Promise<void> {
  for (const name of STREAMS) await jsm.streams.delete(name);
}

/** How many are decided, and the last sequence that is accounted for. */
async function recorded({ database }: TestBed): Promise<{ decisions: number; last: number }> {
  const { rows } = await database.query<{ decisions: number; last: number }>(
    "select count(application_id)::int as decisions, max(sequence)::int as last from plumbline.applications",
  );
  return rows[0]!;
}

test("a backup that was made while no scorer ran restores to a whole, publishers going on meanwhile", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const decided = await publish(bed, "A", 20);
  await decide(bed);

  const before = await publish(bed, "B", 10);
  const copy = await copyDatabase(bed);
  const between = await publish(bed, "C", 5);
  const backups = await Promise.all(STREAMS.map((name) => backupStream(bed.nc, name)));
  const lost = await publish(bed, "D", 5);

  await loseBroker(bed);
  for (const backup of backups) await restoreStream(bed.nc, backup);
  // What came after the backup is sent again by whoever had it acknowledged, with everything else that may be missing.
  const again = await publishAll(bed.js, [...between.acknowledged, ...lost.acknowledged]);
  await decide(copy);
  const acknowledged = [decided, before, between, again].flatMap((batch) => batch.acknowledged);
  const verdict = await checkDelivery(copy, { acknowledged, unanswered: [] });
  expect(verdict).toMatchObject({ violations: [], decisions: 40, deadLetters: 0 });

  // The broker's data are lost once more, and there is no backup: its sequence has to begin after the database's last one.
  await loseBroker(bed);
  const refused = copy.startScorer();
  expect(await refused.ended).toBe(1);
  expect(refused.log()).toMatch(/stream APPLICATIONS was made anew \(last sequence 0\) under a database that has/);
  await bed.stopScorers();
  const { last } = await recorded(copy);
  await bed.jsm.streams.purge("APPLICATIONS", { seq: last + 1 });
  await copy.database.query("delete from plumbline.streams where name = 'APPLICATIONS'");

  const repeated = await publishAll(bed.js, again.acknowledged);
  expect(Math.min(...repeated.acknowledged.map(({ sequence }) => sequence))).toBe(last + 1);
  await publish(bed, "E", 5);
  await decide(copy);
  // What was decided stays so and isn't told again: SCORES has the new ones.
  expect((await recorded(copy)).decisions).toBe(45);
  expect((await bed.jsm.streams.info("SCORES")).state.messages).toBe(5);
});
