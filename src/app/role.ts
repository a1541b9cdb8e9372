import { Registry } from "prom-client";
import { aborted } from "../platform/aborted.ts";
import { announce } from "../platform/announcement.ts";
import { OperatorError } from "../platform/errors.ts";
import { type Readiness, startHealthServer } from "../platform/health.ts";
import { startHeartbeats } from "../platform/heartbeats.ts";
import { createLifecycle, type Lifecycle } from "../platform/lifecycle.ts";
import { createLogger, type Logger } from "../platform/log.ts";
import { untilMigrated } from "../platform/migrate.ts";
import { connectNats, type NatsConnection } from "../platform/nats.ts";
import { closeDatabase, connectDatabase, type Database } from "../platform/postgres.ts";
import { createRoleMetrics, type RoleMetrics } from "../platform/role-metrics.ts";
import { untilServed } from "../platform/until-served.ts";
import { type Environment, MIGRATIONS } from "./environment.ts";
import { databaseAddress, natsAddress } from "./servers-file.ts";

export type RoleContext = {
  readonly environment: Environment;
  readonly log: Logger;
  readonly registry: Registry;
  readonly metrics: RoleMetrics;
  readonly lifecycle: Lifecycle;
  readonly signal: AbortSignal;
  readonly nc: NatsConnection;
  readonly database: Database;
  /**
   * Runs statements that may be repeated until the database has answered. What a role asks while it starts goes through
   * here: a database that is away just then is waited for, as at any other time.
   */
  readonly untilServed: <T>(statements: () => Promise<T>) => Promise<T>;
  /** Reported by /readyz; a role adds what it waits for. */
  readonly readiness: Readiness;
  /** Adds to what the process announces in its home. */
  readonly announceMore: (more: Readonly<Record<string, string>>) => Promise<void>;
  /** Ends the role with the error, after everything is stopped in good order. */
  readonly fail: (error: Error) => void;
};

export type RoleOptions = {
  readonly role: string;
  readonly port: number;
  readonly environment: Environment;
  /** Aborted to stop the role. */
  readonly signal: AbortSignal;
  readonly databaseConnections: number;
  /** What the role waits for beyond its servers, by the names shown in /readyz. */
  readonly awaits: readonly string[];
  readonly start: (context: RoleContext) => Promise<void>;
};

/**
 * Runs a role until the signal: health server and announcement first, so that it can be watched while it waits for its
 * servers; then broker, database, migrations; then the role itself. Everything is undone in reverse.
 * @throws OperatorError when the role can't start, or its connection to the broker is closed for good.
 */
export async function runRole(options: RoleOptions): Promise<void> {
  const { role, environment, signal } = options;
  const log = createLogger(environment.LOG_LEVEL, role);
  const lifecycle = createLifecycle(log);
  try {
    const registry = new Registry();
    const readiness: Readiness = { nats: false, postgres: false, migrated: false };
    for (const awaited of options.awaits) readiness[awaited] = false;
    const metrics = createRoleMetrics(registry, role, readiness);

    const health = await startHealthServer({ port: options.port, registry, readiness: () => readiness });
    lifecycle.onStop("health server", health.stop);
    lifecycle.onStop("announcement", await announce(environment.PLUMBLINE_HOME, role, health.url));
    startBeating(metrics, lifecycle);

    const nc = await connectNats({
      url: await natsAddress(environment),
      creds: environment.NATS_CREDS,
      name: `plumbline-${role}`,
      log,
      signal,
    });
    lifecycle.onStop("NATS connection", () => nc.close());
    watchConnection(nc, metrics, readiness);
    lifecycle.onStop(
      "heartbeats",
      startHeartbeats(nc, role, () => readiness),
    );

    const database = await connectDatabase({
      url: await databaseAddress(environment),
      connections: options.databaseConnections,
      onOutage: () => metrics.postgresFailed("outage"),
      log,
      signal,
    });
    lifecycle.onStop("PostgreSQL pool", () => closeDatabase(database, log));
    watchDatabase(database, metrics, readiness, lifecycle);
    const served: RoleContext["untilServed"] = (statements) => untilServed(statements, { log, signal });
    await served(() => untilMigrated(database, MIGRATIONS, log, signal));
    readiness.migrated = true;

    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    failed.catch(() => {});
    const announceMore: RoleContext["announceMore"] = async (more) =>
      void (await announce(environment.PLUMBLINE_HOME, role, health.url, more));
    const parts = {
      environment,
      log,
      registry,
      metrics,
      lifecycle,
      signal,
      nc,
      database,
      readiness,
      announceMore,
      fail,
    };
    await options.start({ ...parts, untilServed: served });
    log.info({ url: health.url }, "ready");
    await Promise.race([aborted(signal), closedForGood(nc), failed]);
    log.info("stopping");
  } catch (error) {
    // A signal while waiting for a server is no fault. Another one is what to report, whatever goes wrong after it.
    if (!signal.aborted) {
      await lifecycle.stop().catch(() => {});
      throw error;
    }
  }
  await lifecycle.stop();
}

function startBeating(metrics: RoleMetrics, lifecycle: Lifecycle): void {
  metrics.beat();
  const timer = setInterval(metrics.beat, 1_000);
  lifecycle.onStop("heartbeat", () => clearInterval(timer));
}

function watchConnection(nc: NatsConnection, metrics: RoleMetrics, readiness: Readiness): void {
  const note = (isConnected: boolean) => {
    metrics.connected(isConnected);
    readiness.nats = isConnected;
  };
  note(true);
  void (async () => {
    for await (const { type } of nc.status()) {
      if (type === "disconnect") note(false);
      if (type === "reconnect") {
        note(true);
        metrics.reconnected();
      }
    }
  })();
}

const DATABASE_CHECK_MS = 2_000;

/** A role without work notices otherwise only at its next statement that the database is away. */
function watchDatabase(database: Database, metrics: RoleMetrics, readiness: Readiness, lifecycle: Lifecycle): void {
  readiness.postgres = true;
  let asking = false;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    readiness.postgres = await database.query("select 1").then(
      () => true,
      () => false,
    );
    if (!readiness.postgres) metrics.postgresFailed("outage");
    asking = false;
  }, DATABASE_CHECK_MS);
  lifecycle.onStop("database watch", () => clearInterval(timer));
}

async function closedForGood(nc: NatsConnection): Promise<never> {
  const error = await nc.closed();
  throw new OperatorError(
    `the connection to NATS is closed for good${error ? `: ${error.message}` : ""}. Check the credentials and start again.`,
  );
}
