import pg from "pg";
import { runAlerts } from "../../src/app/alerts.ts";
import { readEnvironment } from "../../src/app/environment.ts";

/**
 * An alerts role that is killed from within when it is about to run a statement.
 * Usage: node alerts-that-die.ts <beginning of the statement>
 */
const [, , beginning] = process.argv;
const query = pg.Pool.prototype.query;
pg.Pool.prototype.query = function queryUnless(this: pg.Pool, ...args: unknown[]) {
  if (typeof args[0] === "string" && args[0].startsWith(beginning!)) process.kill(process.pid, "SIGKILL");
  return query.apply(this, args as never);
} as never;
await runAlerts(readEnvironment(), new AbortController().signal);
