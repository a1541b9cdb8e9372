import { resolve } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import type { ReferenceDecisions } from "../contracts/reference-profile.ts";
import { MAX_MESSAGE_BYTES, scorerConsumer, streamDeclarations } from "../contracts/streams.ts";
import { readBundle } from "../models/bundle.ts";
import { policyInForce, refuseForeignRoutes, registerModel } from "../models/registry.ts";
import { openSession } from "../models/session.ts";
import { watchConsumer } from "../platform/consumer-watch.ts";
import { ensureConsumer, ensureStream, requireMessageSize } from "../platform/topology.ts";
import { createScorerMetrics } from "../scorer/metrics.ts";
import { createOrphanSearch } from "../scorer/orphans.ts";
import { watchPolicy } from "../scorer/policy-watch.ts";
import { type ScorerOptions, startScorer } from "../scorer/scorer.ts";
import { verifyStreamIdentity } from "../scorer/stream-identity.ts";
import { driftGrid, type Environment, ROOT, streamLimits } from "./environment.ts";
import { type RoleContext, runRole } from "./role.ts";

/** Runs one scorer until the signal. `onBoundary` lets fault tests end the process between two steps of a batch. */
export function runScorer(
  environment: Environment,
  signal: AbortSignal,
  onBoundary?: ScorerOptions["onBoundary"],
): Promise<void> {
  return runRole({
    role: "scorer",
    port: environment.SCORER_PORT,
    environment,
    signal,
    databaseConnections: environment.SCORER_BATCHES_IN_FLIGHT + 2,
    awaits: ["model", "consumer"],
    start: (context) => start(context, onBoundary),
  });
}

async function start(context: RoleContext, onBoundary: ScorerOptions["onBoundary"]): Promise<void> {
  const { environment, nc, database, untilServed, registry, lifecycle, readiness, log } = context;
  const bundle = await readBundle(resolve(ROOT, environment.SCORER_BUNDLE));
  const { manifest, typicalValues } = bundle;
  const session = await openSession(bundle.modelFile, manifest);
  lifecycle.onStop("model session", session.release);
  const modelId = await untilServed(() => registerModel(database, bundle));
  await untilServed(() => refuseForeignRoutes(database, manifest.name));
  const policy = await untilServed(() => policyInForce(database, manifest.name));
  readiness.model = true;
  log.info({ model: manifest.name, version: manifest.version, policy: policy.version }, "model loaded");

  requireMessageSize(nc, MAX_MESSAGE_BYTES);
  // Without a question to the broker: what it has to answer is asked below, until it does.
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const streams = streamDeclarations(streamLimits(environment));
  await untilServed(() =>
    verifyStreamIdentity(database, "APPLICATIONS", async () => {
      const { created, state } = await ensureStream(jsm, streams.APPLICATIONS, context);
      return { createdAt: created, lastSequence: state.last_seq };
    }),
  );
  await ensureStream(jsm, streams.SCORES, context);
  await ensureStream(jsm, streams.DEADLETTERS, context);
  await ensureStream(jsm, streams.OBSERVATIONS, context);
  const consumer = scorerConsumer(environment.ACK_WAIT);
  await ensureConsumer(jsm, consumer, context);
  readiness.consumer = true;

  const model = { name: manifest.name, version: manifest.version, sha256: manifest.onnx.sha256 };
  const metrics = createScorerMetrics(
    registry,
    model,
    manifest.features.map(({ name }) => name),
    approvalRate(bundle.reference.decisions),
  );
  const onInfo = createOrphanSearch(jsm, consumer, log);
  const backlog = watchConsumer({ jsm, consumer, registry, onInfo, onGone: context.fail, log });
  lifecycle.onStop("backlog watch", backlog.stop);
  const policies = watchPolicy(database, manifest.name, policy, log);
  lifecycle.onStop("policy watch", policies.stop);
  const scorer = startScorer({
    nc,
    database,
    observed:
      environment.SCORER_OBSERVATIONS === "on"
        ? { modelId, manifest, reference: bundle.reference, grid: driftGrid(environment) }
        : undefined,
    decider: { modelId, manifest, typicalValues, session, policy: policies.current },
    consumer,
    ackWaitMs: environment.ACK_WAIT,
    batchSize: environment.SCORER_BATCH_SIZE,
    batchesInFlight: environment.SCORER_BATCHES_IN_FLIGHT,
    metrics,
    onDatabaseError: context.metrics.postgresFailed,
    log,
    ...(onBoundary && { onBoundary }),
  });
  lifecycle.onStop("scorer", scorer.stop, 9_000);
}

/** Share of the reference's applications that its thresholds approve; undefined where it has no decisions. */
function approvalRate(decisions: ReferenceDecisions | null): number | undefined {
  if (decisions === null) return undefined;
  const { approve, refer, decline } = decisions;
  return approve / (approve + refer + decline);
}
