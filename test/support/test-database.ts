import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { eventually } from "./eventually.ts";

export type TestDatabase = {
  readonly url: string;
  /** Drops the database; fails when somebody is still connected to it. */
  drop(): Promise<void>;
};

/** A database of its own for a test: a clone of the migrated template. */
export async function cloneDatabase(templateUrl: string): Promise<TestDatabase> {
  const template = new URL(templateUrl).pathname.slice(1);
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const url = withDatabase(templateUrl, name);
  await administer(templateUrl, (client) => client.query(`create database ${name} template ${template}`));
  return {
    url,
    drop: () =>
      administer(templateUrl, async (client) => {
        await eventually(`connections to ${name} are closed`, async () => (await leftovers(client, name)) === 0, {
          withinMs: 5_000,
        });
        await client.query(`drop database ${name}`);
      }),
  };
}

/** A clone for all tests of a file, made before the first of them and dropped after the last. Returns a pool of connections. */
export function databaseOfFile(): () => pg.Pool {
  let clone: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    clone = await cloneDatabase(inject("templateUrl"));
    pool = new pg.Pool({ connectionString: clone.url, max: 4 });
  });
  afterAll(async () => {
    await pool.end();
    await clone.drop();
  });
  return () => pool;
}

async function leftovers(client: pg.Client, name: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where datname = $1",
    [name],
  );
  return rows[0]!.n;
}

async function administer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(url, "postgres") });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
