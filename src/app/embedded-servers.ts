import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../platform/errors.ts";
import type { Lifecycle } from "../platform/lifecycle.ts";
import { createLogger, type Logger } from "../platform/log.ts";
import { startNatsServer } from "../platform/servers/nats-server.ts";
import { startPostgresServer } from "../platform/servers/postgres-server.ts";
import { identifyProcess } from "../platform/servers/process-identity.ts";
import { withoutPassword } from "../platform/without-password.ts";
import type { Environment } from "./environment.ts";
import type { ServerAddresses } from "./servers-file.ts";

type Server = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly adopted: boolean;
  stop(): Promise<void>;
};

/** Longer than a server takes in the worst case; both are commonly gone within a second. */
const STOP_MS = 12_000;
const CHECK_MS = 1_000;

/** Starts the servers whose addresses aren't given, keeps them running, and says where everything is. */
export async function startServers(
  environment: Environment,
  lifecycle: Lifecycle,
  say: (line: string) => void,
): Promise<ServerAddresses> {
  const { PLUMBLINE_HOME: home, NATS_URL, DATABASE_URL } = environment;
  const log = createLogger("warn", "up");
  const startNats = (port: number) => startNatsServer({ home, log, ...fixed(port) });
  const startPostgres = (port: number) => startPostgresServer({ home, log, ...fixed(port) });

  const nats = NATS_URL
    ? undefined
    : await keepRunning("nats-server", startNats, environment.UP_NATS_PORT, lifecycle, log);
  say(`NATS        ${nats ? described(nats) : `${withoutPassword(NATS_URL!)} (NATS_URL)`}`);
  const postgres = DATABASE_URL
    ? undefined
    : await keepRunning("PostgreSQL", startPostgres, environment.UP_POSTGRES_PORT, lifecycle, log);
  say(`PostgreSQL  ${postgres ? described(postgres) : `${withoutPassword(DATABASE_URL!)} (DATABASE_URL)`}`);
  if (postgres) {
    const [usual, actual] = await Promise.all([home, join(home, "postgres")].map((path) => realpath(path)));
    const place = actual!.startsWith(`${usual}/`) ? "" : `data in ${actual}, `;
    say(`            ${place}password in ${home}/run/servers.json`);
  }
  return { natsUrl: nats?.url ?? NATS_URL!, databaseUrl: postgres?.url ?? DATABASE_URL! };
}

function described({ url, adopted }: Server): string {
  return `${withoutPassword(url)}${adopted ? " (was still running)" : ""}`;
}

function fixed(port: number): { port?: number } {
  return port === 0 ? {} : { port };
}

/** Starts a server, and starts it again on the same port when it dies, until it is stopped with the life cycle. */
async function keepRunning(
  name: string,
  start: (port: number) => Promise<Server>,
  port: number,
  lifecycle: Lifecycle,
  log: Logger,
): Promise<Server> {
  const first = await start(port);
  let server = first;
  let restart: Promise<void> | undefined;

  async function startAgain(): Promise<void> {
    log.warn({ server: name }, "a server ended by itself, starting it again");
    try {
      server = await start(first.port);
    } catch (error) {
      log.error({ server: name, error: messageOf(error) }, "could not start it again, trying once more");
    }
  }
  const timer = setInterval(() => {
    if (restart !== undefined || identifyProcess(server.pid) !== undefined) return;
    restart = startAgain().finally(() => {
      restart = undefined;
    });
  }, CHECK_MS);
  lifecycle.onStop(
    name,
    async () => {
      clearInterval(timer);
      await restart;
      await server.stop();
    },
    STOP_MS,
  );
  return first;
}
