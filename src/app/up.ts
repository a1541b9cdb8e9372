import { jetstreamManager } from "@nats-io/jetstream";
import { streamDeclarations } from "../contracts/streams.ts";
import { aborted } from "../platform/aborted.ts";
import { createLifecycle, type Lifecycle } from "../platform/lifecycle.ts";
import { createLogger, type Logger } from "../platform/log.ts";
import { migrate } from "../platform/migrate.ts";
import { connectNats } from "../platform/nats.ts";
import { connectDatabase } from "../platform/postgres.ts";
import { pause } from "../platform/retry.ts";
import { lockHome } from "../platform/servers/home-lock.ts";
import { type SupervisedProcess, supervise } from "../platform/supervise.ts";
import { ensureStream } from "../platform/topology.ts";
import { startDemo } from "./demo.ts";
import { startServers } from "./embedded-servers.ts";
import { childEnvironment, type Environment, MIGRATIONS, ROOT, streamLimits } from "./environment.ts";
import { announcedUrl, type LiveView, showLive } from "./live-view.ts";
import { openScorerLogin } from "./scorer-login.ts";
import { removeServersFile, type ServerAddresses, writeServersFile } from "./servers-file.ts";

export type UpOptions = {
  readonly environment: Environment;
  readonly demo: boolean;
  readonly scorers: number;
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
};

/** Longer than a scorer takes to hand everything back, shorter than the ten seconds a person waits. */
const SCORER_STOP_MS = 7_500;

/**
 * Everything on this machine: servers (embedded unless their addresses are given), schema, scorers, and the demo's
 * applicants; until the signal, then stops it all in reverse. What it started is never left behind.
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
    const addresses = await startServers(environment, lifecycle, say);
    signal.throwIfAborted();
    await writeServersFile(home, addresses);
    lifecycle.onStop("server addresses", () => removeServersFile(home));
    const scorerDatabaseUrl = await prepareDatabase(environment, addresses, log, signal);

    const scorers = Array.from({ length: options.scorers }, (_, index) =>
      startScorer(index + 1, home, { ...addresses, databaseUrl: scorerDatabaseUrl }, log),
    );
    const stopScorers = async () => void (await Promise.all(scorers.map((scorer) => scorer.stop())));
    lifecycle.onStop("scorers", stopScorers, SCORER_STOP_MS + 1_000);
    await untilReady(home, scorers, signal);
    for (const scorer of scorers) scorer.settled();
    say(`scorers     ${scorers.length} ready, logs in ${home}/log/scorer-*.log`);
    say(`try         bin/plumbline tail · bin/plumbline doctor · bin/plumbline publish FILE --channel web`);
    say("stop        Ctrl-C; a second start goes on from there");

    const view = showLive(home, scorers, output);
    lifecycle.onStop("live line", view.stop);
    if (options.demo) await addDemo(environment, addresses, view, lifecycle, log);
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

/** Brings the database up to date; returns its address for the scorers, who get by with fewer rights where it is ours. */
async function prepareDatabase(
  { DATABASE_URL }: Environment,
  { databaseUrl }: ServerAddresses,
  log: Logger,
  signal: AbortSignal,
): Promise<string> {
  const database = await connectDatabase({ url: databaseUrl, connections: 1, log, signal });
  try {
    await migrate(database, MIGRATIONS);
    return DATABASE_URL ?? (await openScorerLogin(database, databaseUrl));
  } finally {
    await database.end();
  }
}

function startScorer(number: number, home: string, addresses: ServerAddresses, log: Logger): SupervisedProcess {
  const { natsUrl: NATS_URL, databaseUrl: DATABASE_URL } = addresses;
  return supervise({
    name: `scorer ${number}`,
    command: process.execPath,
    args: [`${ROOT}src/main.ts`, "scorer"],
    env: childEnvironment({ NATS_URL, DATABASE_URL, PLUMBLINE_HOME: home, SCORER_PORT: "0" }),
    logFile: `${home}/log/scorer-${number}.log`,
    stopWithinMs: SCORER_STOP_MS,
    log,
  });
}

async function untilReady(home: string, scorers: readonly SupervisedProcess[], signal: AbortSignal): Promise<void> {
  const isReady = async (scorer: SupervisedProcess) => {
    const url = await announcedUrl(home, "scorer", scorer.pid());
    if (url === undefined) return false;
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  for (;;) {
    const all = Promise.all(scorers.map(isReady));
    const ready = await Promise.race([all, ...scorers.map(({ failed }) => failed)]);
    if (ready.every(Boolean)) return;
    await pause(100, signal);
  }
}

async function addDemo(
  environment: Environment,
  { natsUrl }: ServerAddresses,
  view: LiveView,
  lifecycle: Lifecycle,
  log: Logger,
): Promise<void> {
  const nc = await connectNats({ url: natsUrl, creds: environment.NATS_CREDS, name: "plumbline-demo", log });
  lifecycle.onStop("demo connection", () => nc.close());
  await ensureStream(await jetstreamManager(nc), streamDeclarations(streamLimits(environment)).APPLICATIONS);
  const demo = await startDemo(nc, view.say, log);
  lifecycle.onStop("demo", demo.stop);
}
