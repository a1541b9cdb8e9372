import { jetstreamManager } from "@nats-io/jetstream";
import { MIGRATIONS, streamLimits, VARIABLES } from "../src/app/environment.ts";
import { scorerConsumer, streamDeclarations } from "../src/contracts/streams.ts";
import type { Logger } from "../src/platform/log.ts";
import { migrate } from "../src/platform/migrate.ts";
import { connectNats, type NatsConnection } from "../src/platform/nats.ts";
import { connectDatabase, type Database } from "../src/platform/postgres.ts";
import { ensureConsumer, ensureStream } from "../src/platform/topology.ts";
import { readVariables } from "../src/platform/variables.ts";
import type { Servers } from "./servers.ts";

/** Empty streams and an empty, migrated database: what every measurement starts from. */
export type Slate = {
  readonly servers: Servers;
  readonly nc: NatsConnection;
  readonly database: Database;
  readonly databaseUrl: string;
};

const CONNECTIONS = 5;
let made = 0;

/**
 * Hands a blank slate to a measurement and wipes it afterwards. `environment` changes the scorers' settings, and with
 * them the streams.
 */
export async function onBlankSlate<T>(
  servers: Servers,
  log: Logger,
  measure: (slate: Slate) => Promise<T>,
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const name = `bench_${++made}`;
  await administer(servers, log, `create database ${name}`);
  const databaseUrl = Object.assign(new URL(servers.databaseUrl), { pathname: `/${name}` }).href;
  const database = await connectDatabase({ url: databaseUrl, connections: CONNECTIONS, log });
  const nc = await connectNats({ url: servers.natsUrl, name: "plumbline-bench", log });
  try {
    await migrate(database, MIGRATIONS);
    await renewStreams(nc, environment);
    // So that none comes by itself in the middle of a measurement.
    await database.query("checkpoint");
    return await measure({ servers, nc, database, databaseUrl });
  } finally {
    await nc.close();
    await database.end();
    await administer(servers, log, `drop database if exists ${name} with (force)`);
  }
}

async function renewStreams(nc: NatsConnection, source: Readonly<Record<string, string>>): Promise<void> {
  const environment = readVariables(VARIABLES, source);
  const jsm = await jetstreamManager(nc);
  for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name);
  const streams = streamDeclarations(streamLimits(environment));
  for (const stream of Object.values(streams)) await ensureStream(jsm, stream);
  await ensureConsumer(jsm, scorerConsumer(environment.ACK_WAIT));
}

async function administer(servers: Servers, log: Logger, statement: string): Promise<void> {
  const database = await connectDatabase({ url: servers.databaseUrl, connections: 1, log });
  try {
    await database.query(statement);
  } finally {
    await database.end();
  }
}
