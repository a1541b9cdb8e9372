import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import { streamLimits, VARIABLES } from "../../src/app/environment.ts";
import { scorerConsumer, streamDeclarations } from "../../src/contracts/streams.ts";
import { ensureConsumer, ensureStream } from "../../src/platform/topology.ts";
import { readVariables } from "../../src/platform/variables.ts";
import { childrenOf, killAtOnce } from "./processes.ts";
import { type ScorerProcess, type ScorerSpawn, spawnScorer } from "./scorer-process.ts";
import { startTestBroker, type TestBroker } from "./test-broker.ts";
import { cloneDatabase } from "./test-database.ts";
import { startTestPostgres, type TestPostgres } from "./test-postgres.ts";

/** Everything that a test of the scorer needs: a broker and a database of its own, connections to them, scorers. */
export type TestBed = {
  readonly broker: TestBroker;
  readonly databaseUrl: string;
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly database: pg.Pool;
  /** A folder of the test's own. */
  readonly home: string;
  /** Starts a scorer against this bed, with more environment; it is stopped with the bed unless it has ended. */
  startScorer(environment?: Readonly<Record<string, string>>, script?: ScorerSpawn["script"]): ScorerProcess;
  /** Starts a drift consumer, likewise. */
  startDrift(environment?: Readonly<Record<string, string>>, args?: readonly string[]): ScorerProcess;
  /** Starts the alerts role, likewise. */
  startAlerts(environment?: Readonly<Record<string, string>>, script?: ScorerSpawn["script"]): ScorerProcess;
  /** Starts a gateway, likewise. */
  startGateway(environment?: Readonly<Record<string, string>>): ScorerProcess;
  /** The environment that scorers of this bed get. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes the streams and the consumer as a scorer with this environment would; for tests that publish before any scorer runs. */
  createStreams(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** The last words of the first scorer that ended by itself with a fault, if any did. */
  fault(): string | undefined;
  /** Stops all scorers in good order. */
  stopScorers(): Promise<void>;
};

export type BedWithPostgres = TestBed & { readonly postgres: TestPostgres };

/** A bed on the run's PostgreSQL, in a database cloned from the migrated template. Torn down when the test ends. */
export async function createTestBed(
  environment: Readonly<Record<string, string>> = {},
  startBroker: typeof startTestBroker = startTestBroker,
): Promise<TestBed> {
  const undo = startUndo();
  const clone = await cloneDatabase(inject("templateUrl"));
  undo.push(clone.drop);
  return createBed(clone.url, environment, startBroker, undo);
}

/** The same for all tests of a file: started in `beforeAll`, torn down by `end` in `afterAll`. */
export async function createSharedBed(
  environment: Readonly<Record<string, string>> = {},
): Promise<{ bed: TestBed; end: () => Promise<void> }> {
  const undo: Undo = [];
  const end = () => undoAll(undo);
  try {
    const clone = await cloneDatabase(inject("templateUrl"));
    undo.push(clone.drop);
    return { bed: await createBed(clone.url, environment, startTestBroker, undo), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A bed with a PostgreSQL of its own, which may be killed. */
export async function createBedWithPostgres(
  environment: Readonly<Record<string, string>> = {},
): Promise<BedWithPostgres> {
  const undo = startUndo();
  const home = await mkdtemp(join(tmpdir(), "plumbline-postgres-"));
  undo.push(() => rm(home, { recursive: true, force: true }));
  const postgres = await startTestPostgres(home);
  undo.push(postgres.stop);
  return { ...(await createBed(postgres.url, environment, startTestBroker, undo)), postgres };
}

async function createBed(
  databaseUrl: string,
  more: Readonly<Record<string, string>>,
  startBroker: typeof startTestBroker,
  undo: Undo,
): Promise<TestBed> {
  const home = await mkdtemp(join(tmpdir(), "plumbline-bed-"));
  undo.push(() => rm(home, { recursive: true, force: true }));
  const broker = await startBroker(home);
  undo.push(broker.stop);
  const nc = await connect({
    servers: broker.url.split(","),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 50,
  });
  undo.push(() => nc.close());
  const jsm = await jetstreamManager(nc);
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // An idle connection of a server that is killed.
  database.on("error", () => {});
  undo.push(() => database.end());

  const environment = { NATS_URL: broker.url, DATABASE_URL: databaseUrl, PLUMBLINE_HOME: home, ...more };
  const scorers: ScorerProcess[] = [];
  async function stopScorers(): Promise<void> {
    await Promise.all(scorers.splice(0).map((scorer) => scorer.stop()));
  }
  undo.push(stopScorers);
  return {
    broker,
    databaseUrl,
    nc,
    js: jetstream(nc),
    jsm,
    database,
    home,
    environment,
    stopScorers,
    fault: () => scorers.map((scorer) => scorer.fault()).find((fault) => fault !== undefined),
    createStreams: (own = {}) => createStreams(jsm, { ...environment, ...own }),
    startScorer(own = {}, script) {
      const scorer = spawnScorer({ environment: { ...environment, ...own }, ...(script && { script }) });
      scorers.push(scorer);
      return scorer;
    },
    startDrift(own = {}, args = []) {
      const drift = spawnScorer({ environment: { ...environment, ...own }, role: "drift", args });
      scorers.push(drift);
      return drift;
    },
    startAlerts(own = {}, script) {
      const alerts = spawnScorer({
        environment: { ...environment, ...own },
        role: "alerts",
        ...(script && { script }),
      });
      scorers.push(alerts);
      return alerts;
    },
    startGateway(own = {}) {
      const gateway = spawnScorer({ environment: { PLUMBLINE_PORT: "0", ...environment, ...own }, role: "gateway" });
      scorers.push(gateway);
      return gateway;
    },
  };
}

async function createStreams(jsm: JetStreamManager, source: Readonly<Record<string, string>>): Promise<void> {
  const environment = readVariables(VARIABLES, source);
  const { APPLICATIONS, SCORES, DEADLETTERS } = streamDeclarations(streamLimits(environment));
  for (const stream of [APPLICATIONS, SCORES, DEADLETTERS]) await ensureStream(jsm, stream);
  await ensureConsumer(jsm, scorerConsumer(environment.ACK_WAIT));
}

type Undo = (() => unknown)[];

/** Undoes when the test ends. */
function startUndo(): Undo {
  const undo: Undo = [];
  onTestFinished(() => undoAll(undo), 60_000);
  return undo;
}

/** Undoes in reverse, all of it even if something fails; then no process of ours may be left. */
async function undoAll(undo: Undo): Promise<void> {
  const faults: unknown[] = [];
  for (const step of undo.reverse()) {
    try {
      await step();
    } catch (error) {
      faults.push(error);
    }
  }
  const left = childrenOf(process.pid);
  left.forEach(killAtOnce);
  if (left.length > 0) faults.push(new Error(`processes were left running: ${left.join(", ")}`));
  if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("; "));
}
