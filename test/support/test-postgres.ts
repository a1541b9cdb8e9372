import { MIGRATIONS } from "../../src/app/environment.ts";
import { createLogger } from "../../src/platform/log.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { connectDatabase } from "../../src/platform/postgres.ts";
import { startPostgresServer } from "../../src/platform/servers/postgres-server.ts";
import { childrenOf, killAtOnce } from "./processes.ts";

export type TestPostgres = {
  /** A migrated database. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
  /** kill -9 of the server and every process that serves a connection, at the same moment. */
  kill(): void;
  stopImmediately(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
};

const log = createLogger("silent", "test");

/** Starts a PostgreSQL in the folder and migrates its database. Throws what to install when the machine can't. */
export async function startTestPostgres(home: string): Promise<TestPostgres> {
  let server = await startPostgresServer({ home, log });
  const { url, port } = server;
  const database = await connectDatabase({ url, connections: 1, log, giveUpAfterMs: 10_000 });
  try {
    await migrate(database, MIGRATIONS);
  } finally {
    await database.end();
  }
  return {
    url,
    port,
    stop: () => server.stop("fast"),
    kill() {
      for (const pid of [server.pid, ...childrenOf(server.pid)]) killAtOnce(pid);
    },
    stopImmediately: () => server.stop("immediate"),
    async restart() {
      server = await startPostgresServer({ home, port, log });
    },
  };
}
