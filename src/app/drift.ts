import { jetstreamManager } from "@nats-io/jetstream";
import { driftConsumer, streamDeclarations } from "../contracts/streams.ts";
import { startDrift } from "../drift/drift.ts";
import { createDriftMetrics } from "../drift/metrics.ts";
import { watchConsumer } from "../platform/consumer-watch.ts";
import { ensureConsumer, ensureStream } from "../platform/topology.ts";
import { driftGrid, type Environment, streamLimits } from "./environment.ts";
import { type RoleContext, runRole } from "./role.ts";

/** Runs a drift consumer until the signal; with `finish` until everything is judged, the last windows included. */
export async function runDrift(environment: Environment, finish: boolean, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  await runRole({
    role: "drift",
    port: environment.DRIFT_PORT,
    environment,
    signal: AbortSignal.any([signal, done.signal]),
    databaseConnections: 3,
    awaits: ["consumer"],
    async start(context) {
      const drift = await start(context);
      if (finish) drift.finish().then(() => done.abort(new Error("finished")), context.fail);
    },
  });
}

async function start({ environment, nc, database, registry, lifecycle, readiness, fail, log, signal }: RoleContext) {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const streams = streamDeclarations(streamLimits(environment));
  const waiting = { log, signal };
  await ensureStream(jsm, streams.OBSERVATIONS, waiting);
  await ensureStream(jsm, streams.EVENTS, waiting);
  const consumer = driftConsumer(environment.ACK_WAIT);
  await ensureConsumer(jsm, consumer, waiting);
  readiness.consumer = true;
  lifecycle.onStop("backlog watch", watchConsumer({ jsm, consumer, registry, onGone: fail, log }).stop);
  const drift = startDrift({
    nc,
    database,
    consumer,
    grid: driftGrid(environment),
    minSamples: environment.DRIFT_MIN_SAMPLES,
    latenessMs: environment.DRIFT_LATENESS,
    metrics: createDriftMetrics(registry),
    log,
  });
  lifecycle.onStop("drift consumer", drift.stop, 8_000);
  return drift;
}
