import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { MIGRATIONS } from "../../src/app/environment.ts";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { migrate, untilMigrated } from "../../src/platform/migrate.ts";
import { cloneDatabase, type TestDatabase } from "../support/test-database.ts";

const log = createLogger("silent", "test");
let server: TestDatabase;
let database: pg.Pool;
let folder: string;

beforeEach(async () => {
  const empty = new URL(inject("templateUrl"));
  empty.pathname = "/template1";
  server = await cloneDatabase(empty.href);
  database = new pg.Pool({ connectionString: server.url, max: 5 });
  folder = await mkdtemp(join(tmpdir(), "plumbline-migrations-"));
  await add("001_first.sql", "create table first (id integer);");
  await add("002_second.sql", "create table second (id integer); insert into first values (1);");
});
afterEach(async () => {
  await database.end();
  await server.drop();
  await rm(folder, { recursive: true });
});

const add = (name: string, sql: string) => writeFile(join(folder, name), sql);
const exists = async (table: string) =>
  (await database.query("select to_regclass($1) as found", [table])).rows[0].found !== null;

describe("migrations", () => {
  it("are applied once each, the missing ones only", async () => {
    expect(await migrate(database, folder)).toBe(2);
    expect(await migrate(database, folder)).toBe(0);
    await add("003_third.sql", "create table third (id integer);");
    expect(await migrate(database, folder)).toBe(1);
    expect((await database.query("select * from first")).rowCount).toBe(1);
  });

  it("are applied by one of many that try at the same time", async () => {
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(database, folder)));
    expect(applied.sort()).toEqual([0, 0, 0, 0, 2]);
    expect((await database.query("select * from first")).rowCount).toBe(1);
  });

  it("are all taken back when one of them fails, and the connection can be used again", async () => {
    await add("003_third.sql", "create table third (id integer); select 1 / 0;");
    const failed = migrate(database, folder);
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(/division by zero.*Nothing was changed; mend the cause and migrate again\.$/s);
    expect(await exists("first")).toBe(false);
    await rm(join(folder, "003_third.sql"));
    expect(await migrate(database, folder)).toBe(2);
  });

  it("that were applied may not change", async () => {
    await migrate(database, folder);
    await add("001_first.sql", "create table another (id integer);");
    await expect(migrate(database, folder)).rejects.toThrow(OperatorError);
    expect(await exists("another")).toBe(false);
  });

  it("of this program make what they made for everybody", async () => {
    expect(await migrate(database, MIGRATIONS)).toBeGreaterThan(0);
    expect(await exists("public.scores")).toBe(true);
    expect(await readFile(join(MIGRATIONS, "001_applications.sql"), "utf8")).toContain("create view public.scores");
  });
});

describe("waiting for migrations", () => {
  it("ends once all are applied, and not before", async () => {
    let isOver = false;
    const waiting = untilMigrated(database, folder, log).then(() => {
      isOver = true;
    });
    const older = await mkdtemp(join(folder, "older-"));
    await copyFile(join(folder, "001_first.sql"), join(older, "001_first.sql"));
    await migrate(database, older);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(isOver).toBe(false);
    await migrate(database, folder);
    await waiting;
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    const waiting = untilMigrated(database, folder, log, stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });
});
