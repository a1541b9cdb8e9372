import { readdir } from "node:fs/promises";
import { migrate as runMigrations } from "postgres-migrations";
import { messageOf, OperatorError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { type Database, type DatabaseClient, inTransaction } from "./postgres.ts";
import { pause } from "./retry.ts";

/** Any number will do, as long as every Plumbline uses the same. */
const LOCK_KEY = 7_586_253;

/**
 * Applies the numbered SQL files that are missing, all in one transaction; concurrent callers wait for each other.
 * Returns how many were applied.
 * @throws OperatorError when a file fails, or one that was applied has changed since.
 */
export async function migrate(database: Database, folder: string): Promise<number> {
  try {
    return await inTransaction(database, async (client) => {
      await client.query("select pg_advisory_xact_lock($1)", [LOCK_KEY]);
      const applied = await runMigrations({ client: withinTransaction(client) }, folder);
      // The library counts its own bookkeeping table as migration 0.
      return applied.filter(({ id }) => id > 0).length;
    });
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}. Nothing was changed; mend the cause and migrate again.`, {
      cause: error,
    });
  }
}

type MigrationClient = Parameters<typeof runMigrations>[0] extends infer Config
  ? Extract<Config, { client: unknown }>["client"]
  : never;

/**
 * The library takes a session-wide lock and a transaction per file. Behind a transaction pooler a session lock stays
 * on whichever connection took it; so the lock and the transaction are ours, and its own are left out.
 */
function withinTransaction(client: DatabaseClient): MigrationClient {
  const ours = /^\s*(start transaction|commit|rollback|select pg_(try_)?advisory_(un)?lock)/i;
  const query = async (statement: string | { text: string; values?: unknown[] }) => {
    const text = typeof statement === "string" ? statement : statement.text;
    // One row that says "locked" for the library's question.
    if (ours.test(text)) return { rows: [{ pg_try_advisory_lock: true }], rowCount: 1 };
    return typeof statement === "string" ? client.query(statement) : client.query(statement);
  };
  return { query } as unknown as MigrationClient;
}

/** Waits, with a log line, until the database has every migration that this program knows. */
export async function untilMigrated(
  database: Database,
  folder: string,
  log: Logger,
  signal?: AbortSignal,
): Promise<void> {
  const known = (await readdir(folder)).filter((name) => name.endsWith(".sql")).length;
  for (let waits = 0; ; waits++) {
    const { rows } = await database.query<{ found: string | null }>("select to_regclass('public.migrations') as found");
    if (rows[0]?.found) {
      const applied = await database.query<{ last: number }>("select max(id) as last from public.migrations");
      // The library counts its own bookkeeping table as migration 0.
      if ((applied.rows[0]?.last ?? -1) >= known) return;
    }
    if (waits % 10 === 0) log.warn("the database isn't migrated yet, waiting; run `plumbline migrate`");
    await pause(500, signal);
  }
}
