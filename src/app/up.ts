import { jetstreamManager } from "@nats-io/jetstream";
import { streamDeclarations } from "../contracts/streams.ts";
import { aborted } from "../platform/aborted.ts";
import { messageOf, OperatorError } from "../platform/errors.ts";
import { createLifecycle, type Lifecycle } from "../platform/lifecycle.ts";
import { createLogger, type Logger } from "../platform/log.ts";
import { migrate } from "../platform/migrate.ts";
import { connectNats, type NatsConnection } from "../platform/nats.ts";
import { connectDatabase } from "../platform/postgres.ts";
import { pause } from "../platform/retry.ts";
import { lockHome } from "../platform/servers/home-lock.ts";
import { choosePort, LOOPBACK } from "../platform/servers/ports.ts";
import { type SupervisedProcess, supervise } from "../platform/supervise.ts";
import { ensureStream } from "../platform/topology.ts";
import { consoleAddress } from "./console-address.ts";
import { buildConsole } from "./console-build.ts";
import { startDemo } from "./demo.ts";
import { showDriftNews } from "./drift-news.ts";
import { startServers } from "./embedded-servers.ts";
import { childEnvironment, type Environment, MIGRATIONS, ROOT, streamLimits } from "./environment.ts";
import { announcedUrl, type LiveView, showLive } from "./live-view.ts";
import { startObservers, stopLeftObservers } from "./observe.ts";
import { reachableHost } from "./reachable-host.ts";
import { openLogin } from "./role-login.ts";
import { removeServersFile, type ServerAddresses, writeServersFile } from "./servers-file.ts";

export type UpOptions = {
  readonly environment: Environment;
  readonly demo: boolean;
  /** Also a Prometheus and an Alertmanager. */
  readonly observe: boolean;
  readonly scorers: number;
  /** Of the gateway; 0 is a free one. */
  readonly port: number;
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
};

/** What the demo shows in minutes; a setting of one's own is kept. */
const DEMO_SETTINGS = { DRIFT_WINDOW: "1m", DRIFT_LATENESS: "5s" };

/** Longer than a scorer takes to hand everything back, shorter than the ten seconds a person waits. */
const ROLE_STOP_MS = 7_500;

/**
 * Everything on this machine: servers (embedded unless their addresses are given), schema, scorers, the drift consumer,
 * alerts, the gateway and the demo's applicants; until the signal, then stops it all in reverse. What it started is never left
 * behind.
 */
export async function runUp(options: UpOptions): Promise<void> {
  const { environment, output, signal } = options;
  const log = createLogger(environment.LOG_LEVEL === "info" ? "warn" : environment.LOG_LEVEL, "up");
  const lifecycle = createLifecycle(log);
  const say = (line: string) => output.write(`${line}\n`);
  try {
    const home = environment.PLUMBLINE_HOME;
    const lock = await lockHome(home);
    lifecycle.onStop("lock", lock.release);
    const port = await gatewayPort(options);
    // Everything else runs without it, and the gateway says that it isn't built.
    await buildConsole().catch((error: unknown) => say(messageOf(error)));
    const addresses = await startServers(environment, lifecycle, say);
    signal.throwIfAborted();
    await writeServersFile(home, addresses);
    lifecycle.onStop("server addresses", () => removeServersFile(home));
    const urls = await prepareDatabase(environment, addresses, log, signal);

    if (!options.observe) await stopLeftObservers(home, log);
    const gatewayUrl = `http://${reachableHost(environment.GATEWAY_HOST)}:${port}`;
    const alertmanagerUrl = options.observe
      ? await startObservers({ environment, gateway: gatewayUrl, lifecycle, say, log, signal })
      : undefined;
    const start = (role: Role, name: string) =>
      startRole(
        role,
        name,
        { home, port, ...addresses, databaseUrl: urls[role], ...(alertmanagerUrl && { alertmanagerUrl }) },
        options.demo ? DEMO_SETTINGS : {},
        log,
      );
    const scorers = Array.from({ length: options.scorers }, (_, index) => start("scorer", `scorer-${index + 1}`));
    const gateway = start("gateway", "gateway");
    const roles = [...scorers, start("drift", "drift"), start("alerts", "alerts"), gateway];
    const stopRoles = async () => void (await Promise.all(roles.map(({ process }) => process.stop())));
    lifecycle.onStop("roles", stopRoles, ROLE_STOP_MS + 1_000);
    await untilReady(home, roles, signal);
    for (const { process } of roles) process.settled();
    say(`scorers     ${scorers.length} ready, logs in ${home}/log/scorer-*.log`);
    say(`drift       ready, log in ${home}/log/drift.log`);
    say(`alerts      ready, log in ${home}/log/alerts.log`);
    say(`gateway     ready, log in ${home}/log/gateway.log`);
    say(`console     ${await consoleAddress(environment, addresses, gateway.process, signal)}`);
    say(`try         bin/plumbline tail · bin/plumbline doctor · bin/plumbline publish FILE --channel web`);
    say("stop        Ctrl-C; a second start goes on from there");

    const view = showLive(
      home,
      scorers.map(({ process }) => process),
      output,
    );
    lifecycle.onStop("live line", view.stop);
    const nc = await connectNats({ url: addresses.natsUrl, creds: environment.NATS_CREDS, name: "plumbline-up", log });
    lifecycle.onStop("own connection", () => nc.close());
    showDriftNews(nc, view.say, log);
    if (options.demo) await addDemo(environment, nc, view, lifecycle, log);
    await aborted(signal);
  } catch (error) {
    // The fault is what to report, whatever goes wrong after it.
    if (!signal.aborted) {
      await lifecycle.stop().catch(() => {});
      throw error;
    }
  }
  say("\nstopping: finishing what is in flight");
  const from = Date.now();
  await lifecycle.stop();
  say(`stopped in ${((Date.now() - from) / 1000).toFixed(1)} s`);
}

/** Brings the database up to date; returns its address for each role, which gets by with fewer rights where it is ours. */
async function prepareDatabase(
  { DATABASE_URL }: Environment,
  { databaseUrl }: ServerAddresses,
  log: Logger,
  signal: AbortSignal,
): Promise<Record<Role, string>> {
  const database = await connectDatabase({ url: databaseUrl, connections: 1, log, signal });
  try {
    await migrate(database, MIGRATIONS);
    if (DATABASE_URL !== undefined) {
      return { scorer: DATABASE_URL, drift: DATABASE_URL, alerts: DATABASE_URL, gateway: DATABASE_URL };
    }
    return {
      scorer: await openLogin(database, databaseUrl, "plumbline_scorer"),
      drift: await openLogin(database, databaseUrl, "plumbline_drift"),
      alerts: await openLogin(database, databaseUrl, "plumbline_alerts"),
      gateway: await openLogin(database, databaseUrl, "plumbline_gateway"),
    };
  } finally {
    await database.end();
  }
}

/** The port as it was asked for; a gateway that couldn't have it would be seen only after the servers' start. */
async function gatewayPort({ port, environment, observe }: UpOptions): Promise<number> {
  // Alertmanager is told an address once.
  if (port === 0 && observe) return choosePort(undefined, undefined);
  if (port === 0 || environment.GATEWAY_HOST !== LOOPBACK) return port;
  try {
    return await choosePort(port, undefined);
  } catch (error) {
    throw new OperatorError(
      `the gateway can't have port ${port} of ${LOOPBACK}: another program uses it. Choose one with --port or PLUMBLINE_PORT; 0 is any free one.`,
      { cause: error },
    );
  }
}

type Role = "scorer" | "drift" | "alerts" | "gateway";
type RoleProcess = { readonly role: Role; readonly process: SupervisedProcess };
type Places = ServerAddresses & { readonly home: string; readonly port: number; readonly alertmanagerUrl?: string };

function startRole(
  role: Role,
  name: string,
  { home, port, natsUrl: NATS_URL, databaseUrl: DATABASE_URL, alertmanagerUrl }: Places,
  unlessSet: Readonly<Record<string, string>>,
  log: Logger,
): RoleProcess {
  const ports = {
    PLUMBLINE_PORT: String(port),
    SCORER_PORT: "0",
    DRIFT_PORT: "0",
    ALERTS_PORT: "0",
    GATEWAY_PORT: "0",
  };
  const alertmanager = alertmanagerUrl === undefined ? {} : { ALERTS_ALERTMANAGER_URL: alertmanagerUrl };
  const env = { NATS_URL, DATABASE_URL, PLUMBLINE_HOME: home, ...ports, ...alertmanager };
  const supervised = supervise({
    name,
    command: `${ROOT}bin/plumbline`,
    args: [role],
    env: childEnvironment(env, unlessSet),
    logFile: `${home}/log/${name}.log`,
    stopWithinMs: ROLE_STOP_MS,
    log,
  });
  return { role, process: supervised };
}

async function untilReady(home: string, roles: readonly RoleProcess[], signal: AbortSignal): Promise<void> {
  const isReady = async ({ role, process }: RoleProcess) => {
    const url = await announcedUrl(home, role, process.pid());
    if (url === undefined) return false;
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  for (;;) {
    const all = Promise.all(roles.map(isReady));
    const ready = await Promise.race([all, ...roles.map(({ process }) => process.failed)]);
    if (ready.every(Boolean)) return;
    await pause(100, signal);
  }
}

async function addDemo(
  environment: Environment,
  nc: NatsConnection,
  view: LiveView,
  lifecycle: Lifecycle,
  log: Logger,
): Promise<void> {
  await ensureStream(await jetstreamManager(nc), streamDeclarations(streamLimits(environment)).APPLICATIONS);
  const demo = await startDemo(nc, view.say, log);
  lifecycle.onStop("demo", demo.stop);
}
