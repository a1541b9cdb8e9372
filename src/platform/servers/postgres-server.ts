import { join } from "node:path";
import { Client } from "pg";
import type { Logger } from "../log.ts";
import { startOrAdopt } from "./embedded-server.ts";
import { LOOPBACK } from "./ports.ts";
import { postgresAccount } from "./postgres-account.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { createCluster, SUPERUSER } from "./postgres-cluster.ts";
import { postgresConfig } from "./postgres-config.ts";
import { placeCluster } from "./postgres-folder.ts";
import { openStateFolder } from "./state-folder.ts";
import type { StopSteps } from "./stop-process.ts";

export type EmbeddedPostgres = {
  /** postgres://…@127.0.0.1:<port>/plumbline, with the superuser's password: don't log it. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True when it was running already, left over from a process that was killed. */
  readonly adopted: boolean;
  /** Returns when the process is gone. "fast" writes everything to its place, "immediate" leaves that to the next start. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
};

const IMMEDIATE: StopSteps = [{ signal: "SIGQUIT", withinMs: 5_000 }];
const FAST: StopSteps = [{ signal: "SIGINT", withinMs: 20_000 }, ...IMMEDIATE];

const DATABASE = "plumbline";
const DATABASE_IS_MISSING = "3D000";
const STARTING_OR_STOPPING = "57P03";

/**
 * Starts (or adopts) a PostgreSQL for this machine, with an empty database `plumbline` the first time: data under
 * `home/postgres` (or where that links to), log `home/log/postgres.log`, last port under `home/run`. As root it runs
 * as the system user postgres. `settings` are more lines of postgresql.conf, which win over ours. OperatorError when
 * the machine doesn't allow it, or it doesn't start.
 */
export async function startPostgresServer(options: {
  home: string;
  port?: number;
  log: Logger;
  settings?: Record<string, string>;
}): Promise<EmbeddedPostgres> {
  const log = options.log.child({ component: "postgres" });
  const state = await openStateFolder(options.home);
  const account = await postgresAccount(join(state.home, "postgres"), log);
  const binaries = await findPostgresBinaries(state.home, account, log);
  const folder = await placeCluster(state.home, account, log);
  const password = await createCluster(folder, binaries, account, log);
  const data = join(folder, "data");

  const urlOf = (port: number, database: string) =>
    // Said outright, so that a PGSSLMODE in the environment doesn't ask this server for TLS.
    `postgres://${SUPERUSER}:${password}@${LOOPBACK}:${port}/${database}?sslmode=disable`;
  // Not in the data folder: that belongs to the account, and root had better not write into it.
  const configFile = join(folder, "postgresql.conf");
  const server = await startOrAdopt(
    {
      name: "postgres",
      program: join(binaries, "postgres"),
      argsFor: () => ["-D", data, "-c", `config_file=${configFile}`],
      ownPath: data,
      folder: data,
      account,
      pidFile: join(data, "postmaster.pid"),
      pidFileBy: "server",
      configFile,
      configFor: (port) => postgresConfig(port, options.settings ?? {}),
      probe: (port) => probe((database) => urlOf(port, database)),
      stopSteps: FAST,
    },
    state,
    options.port,
    log,
  );
  const { port, pid, adopted } = server;
  const stop = (mode = "fast") => server.stop(mode === "fast" ? FAST : IMMEDIATE);
  return { url: urlOf(port, DATABASE), port, pid, adopted, stop };
}

/** Ready when it accepts our password, and with that is ours, and has the database, which is made the first time. */
async function probe(urlOf: (database: string) => string): Promise<"ready" | "busy"> {
  try {
    await run(urlOf(DATABASE), "select 1");
    return "ready";
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === STARTING_OR_STOPPING) return "busy";
    if (code !== DATABASE_IS_MISSING) throw error;
    await run(urlOf("postgres"), `create database ${DATABASE}`);
    return "ready";
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000, query_timeout: 10_000 });
  // A server that goes away while we ask is an error of the query; without a listener it would end this process.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
