import pg from "pg";
import { expect, inject, it, onTestFinished } from "vitest";
import { MIGRATIONS } from "../../src/app/environment.ts";
import { createLogger } from "../../src/platform/log.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { connectDatabase } from "../../src/platform/postgres.ts";
import { makeApplication } from "../support/applications.ts";
import { eventually } from "../support/eventually.ts";
import { outgoing } from "../support/load.ts";
import { startPgbouncer } from "../support/pgbouncer.ts";
import { type Published, publishSurely } from "../support/publish.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const log = createLogger("silent", "test");

it("works through a transaction pooler with sslmode=require and a certificate that nobody signed", async () => {
  const bed = await createTestBed();
  const pooler = await startPgbouncer(bed.databaseUrl);
  onTestFinished(pooler.stop);

  await bed.createStreams();
  await bed.startScorer({ DATABASE_URL: pooler.url }).ready();
  const random = randomFrom(1);
  const published: Published = { acknowledged: [], unanswered: [] };
  for (let n = 0; n < 200; n++) {
    await publishSurely(bed.js, outgoing("web", JSON.stringify(makeApplication(`P-${n}`, random))), published);
  }
  const count = async () => (await bed.database.query("select from scores")).rowCount === 200;
  expect(await eventually("all are decided", count, { withinMs: 15_000 })).toBe(true);
  await bed.stopScorers();
});

it("migrates through it, from several processes at once", async () => {
  const admin = new pg.Client(inject("templateUrl"));
  await admin.connect();
  await admin.query("drop database if exists pooled_empty");
  await admin.query("create database pooled_empty");
  await admin.end();
  const url = new URL(inject("templateUrl"));
  url.pathname = "/pooled_empty";
  const pooler = await startPgbouncer(url.href);
  onTestFinished(pooler.stop);

  const databases = await Promise.all(
    [1, 2, 3].map(() => connectDatabase({ url: pooler.url, connections: 1, log, giveUpAfterMs: 5_000 })),
  );
  const applied = await Promise.all(databases.map((database) => migrate(database, MIGRATIONS)));
  await Promise.all(databases.map((database) => database.end()));
  expect(applied.filter((count) => count > 0)).toHaveLength(1);
});
