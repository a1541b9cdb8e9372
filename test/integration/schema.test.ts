import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { describeSchema } from "../support/describe-schema.ts";
import { cloneDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await cloneDatabase(inject("templateUrl"));
  client = new pg.Client(database.url);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

describe("the schema", () => {
  it("is what docs/schema.txt says (after a new migration: vitest run -u test/integration/schema.test.ts)", async () => {
    await expect(await describeSchema(client)).toMatchFileSnapshot("../../docs/schema.txt");
  });
});

describe("database roles", () => {
  const as = async (role: string, statement: string) => {
    await client.query("begin");
    try {
      await client.query(`set local role ${role}`);
      return await client.query(statement);
    } finally {
      await client.query("rollback");
    }
  };

  it("let a reader read scores without the application as received", async () => {
    expect((await as("plumbline_reader", "select * from scores")).rowCount).toBe(0);
    for (const relation of ["plumbline.applications", "plumbline.scoring_attempts"]) {
      await expect(as("plumbline_reader", `select * from ${relation}`)).rejects.toThrow(/permission denied/);
    }
    await expect(as("plumbline_reader", "delete from policies")).rejects.toThrow(/permission denied/);
  });

  it("let a scorer add to the record, and change nothing in it", async () => {
    expect((await as("plumbline_scorer", "select * from plumbline.applications")).rowCount).toBe(0);
    for (const change of ["delete from plumbline.applications", "update plumbline.applications set score = 0"]) {
      await expect(as("plumbline_scorer", change)).rejects.toThrow(/permission denied/);
    }
    await expect(as("plumbline_scorer", "create table public.mine ()")).rejects.toThrow(/permission denied/);
  });

  it("let a gateway tell content apart without reading what is protected, and change no trail", async () => {
    expect((await as("plumbline_gateway", "select * from scores")).rowCount).toBe(0);
    expect((await as("plumbline_gateway", "select plumbline.has_protected('A', '{}')")).rowCount).toBe(1);
    for (const refused of [
      "select event from plumbline.applications",
      "delete from plumbline.audit",
      "update plumbline.audit set name = 'nobody'",
      "insert into plumbline.tokens (id, name, role, expires_at) values ('a', 'a', 'admin', now())",
      "update plumbline.tokens set revoked_at = null",
    ]) {
      await expect(as("plumbline_gateway", refused), refused).rejects.toThrow(/permission denied/);
    }
    await expect(as("plumbline_reader", "select plumbline.has_protected('A', '{}')")).rejects.toThrow(
      /permission denied/,
    );
  });

  it("let whoever tells alerts on read no application, and the gateway no event", async () => {
    expect((await as("plumbline_alerts", "select * from alerts")).rowCount).toBe(0);
    const applications = "select * from plumbline.applications";
    await expect(as("plumbline_alerts", applications)).rejects.toThrow(/permission denied/);
    for (const refused of ["select * from plumbline.alert_events", "delete from plumbline.alert_events"]) {
      await expect(as("plumbline_gateway", refused), refused).rejects.toThrow(/permission denied/);
    }
  });
});
