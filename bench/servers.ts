import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lifecycle } from "../src/platform/lifecycle.ts";
import type { Logger } from "../src/platform/log.ts";
import { startNatsServer } from "../src/platform/servers/nats-server.ts";
import { startPostgresServer } from "../src/platform/servers/postgres-server.ts";

/** A broker and a database on free ports, with the settings of `plumbline up`. */
export type Servers = {
  /** A temporary folder: their data, and room for whatever a measurement writes. */
  readonly home: string;
  readonly natsUrl: string;
  readonly natsPid: number;
  readonly databaseUrl: string;
  readonly databasePid: number;
};

/** Starts both servers in a temporary folder; the lifecycle stops them and removes it. */
export async function startServers(lifecycle: Lifecycle, log: Logger): Promise<Servers> {
  const home = await mkdtemp(join(tmpdir(), "plumbline-bench-"));
  lifecycle.onStop("temporary folder", () => removeHome(home), 30_000);
  const nats = await startNatsServer({ home, log });
  lifecycle.onStop("nats-server", nats.stop, 20_000);
  const postgres = await startPostgresServer({ home, log });
  // What it holds in memory is thrown away with its folder.
  lifecycle.onStop("postgres", () => postgres.stop("immediate"), 20_000);
  return {
    home,
    natsUrl: nats.url,
    natsPid: nats.pid,
    databaseUrl: postgres.url,
    databasePid: postgres.pid,
  };
}

async function removeHome(home: string): Promise<void> {
  // The database's folder may be elsewhere, with a link to it in the home.
  const cluster = await realpath(join(home, "postgres")).catch(() => undefined);
  if (cluster !== undefined) await rm(cluster, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}
