import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Lifecycle } from "../platform/lifecycle.ts";
import { createLogger } from "../platform/log.ts";
import { startNatsServer } from "../platform/servers/nats-server.ts";
import { startPostgresServer } from "../platform/servers/postgres-server.ts";
import { withoutPassword } from "../platform/without-password.ts";
import type { Environment } from "./environment.ts";
import { keepRunning, type Server } from "./keep-running.ts";
import type { ServerAddresses } from "./servers-file.ts";

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
