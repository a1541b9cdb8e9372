import pg from "pg";
import { messageOf, OperatorError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { pause } from "./retry.ts";
import { withoutPassword } from "./without-password.ts";

export type Database = pg.Pool;
export type DatabaseClient = pg.PoolClient;

export type DatabaseOptions = {
  readonly url: string;
  readonly connections: number;
  readonly log: Logger;
  /** Give up after this long; a role waits for ever (default). */
  readonly giveUpAfterMs?: number;
  /** Told each time that the server wasn't reached and is waited for. */
  readonly onOutage?: () => void;
  readonly signal?: AbortSignal;
};

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * A pool of connections, returned once the server has answered; waits with a log line while it is away. Uses neither
 * named statements nor session state, so that it works through a transaction pooler.
 * @throws OperatorError when it gives up, or at once when the server refuses the user or the database.
 */
export async function connectDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, connections, log, signal } = options;
  const pool = new pg.Pool({
    connectionString: withStandardTlsMode(url),
    max: connections,
    connectionTimeoutMillis: 5_000,
    // A black hole on the way would otherwise hold a query until the kernel gives up, many minutes later.
    query_timeout: 15_000,
    keepAlive: true,
    application_name: "plumbline",
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on("error", (error) => log.warn({ error: error.message }, "an idle PostgreSQL connection broke"));
  const giveUpAt = Date.now() + (options.giveUpAfterMs ?? Number.POSITIVE_INFINITY);
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      signal?.throwIfAborted();
      await pool.query("select 1");
      return pool;
    } catch (error) {
      if (signal?.aborted || !isDatabaseOutage(error) || Date.now() + waitMs > giveUpAt) {
        await pool.end();
        signal?.throwIfAborted();
        throw new OperatorError(
          `cannot use PostgreSQL at ${withoutPassword(url)}: ${messageOf(error)}. Check DATABASE_URL, and that the server runs.`,
          { cause: error },
        );
      }
      log.warn({ error: messageOf(error), waitMs }, "PostgreSQL is away, waiting");
      options.onOutage?.();
      await pause(waitMs, signal).catch(() => {});
    }
  }
}

const END_WITHIN_MS = 2_000;

/**
 * Closes the pool. One whose server doesn't answer any more can't be closed in good order, and isn't waited for: what was
 * not committed is not there, and whoever owns the work does it again.
 */
export async function closeDatabase(database: Database, log: Logger): Promise<void> {
  const late = pause(END_WITHIN_MS).then(() => log.warn("PostgreSQL doesn't answer, leaving its connections"));
  await Promise.race([database.end(), late]);
}

/** Runs statements in one transaction on one connection; a fault undoes them all and is thrown. */
export async function inTransaction<T>(
  database: Database,
  statements: (client: DatabaseClient) => Promise<T>,
): Promise<T> {
  const client = await database.connect();
  let fault: Error | undefined;
  // A connection that breaks between two statements says so here; without a listener that would end the process. The
  // next statement fails by it.
  const onBroken = () => {};
  client.on("error", onBroken);
  try {
    await client.query("begin");
    const result = await statements(client);
    await client.query("commit");
    return result;
  } catch (error) {
    fault = error instanceof Error ? error : new Error(String(error));
    await client.query("rollback").then(
      () => {
        fault = undefined;
      },
      () => {},
    );
    throw error;
  } finally {
    client.off("error", onBroken);
    // A connection that couldn't be brought back to rest must not serve anybody else.
    client.release(fault);
  }
}

/**
 * `sslmode=require` means what libpq says it means, encryption without a certificate check, unless the address says
 * otherwise; the driver by itself would refuse self-signed certificates.
 */
function withStandardTlsMode(url: string): string {
  if (!/[?&]sslmode=/.test(url) || url.includes("uselibpqcompat=")) return url;
  return `${url}&uselibpqcompat=true`;
}

/** Resource trouble, operator intervention, connection trouble, serialization failures: all pass without our doing. */
const PASSING = /^(08|40|53|57P|58|55P03|25006)/;
const NOT_REACHED = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND)/;
/** The driver's own errors have no code. */
const DRIVER_LOST_IT =
  /^(Connection terminated|Client (was closed|has encountered a connection error)|Query read timeout|timeout (exceeded|expired)|There was an error establishing an SSL connection)/;

/** True when the fault lies with the server or the way to it, not with the statement or its data. */
export function isDatabaseOutage(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseOutage);
  const code = codeOf(error);
  if (code !== undefined) return PASSING.test(code) || NOT_REACHED.test(code);
  return error instanceof Error && DRIVER_LOST_IT.test(error.message);
}

/** True when the server refuses the data of the statement (class 22) or a constraint does (class 23). */
export function isDataFault(error: unknown): boolean {
  return /^(22|23|54)/.test(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
