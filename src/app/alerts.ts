import { jetstreamManager } from "@nats-io/jetstream";
import { watchFiring } from "../alerts/firing.ts";
import { createReconciliationMetrics } from "../alerts/metrics.ts";
import { publishAlertEvents } from "../alerts/publish-events.ts";
import { reconcileAlerts } from "../alerts/reconcile.ts";
import { streamDeclarations } from "../contracts/streams.ts";
import { ensureStream } from "../platform/topology.ts";
import { type Environment, streamLimits } from "./environment.ts";
import { type RoleContext, runRole } from "./role.ts";
import { startUpkeep } from "./upkeep.ts";

/** Runs the alerts role until the signal: it tells alerts on, and asks Alertmanager for those it missed. */
export async function runAlerts(environment: Environment, signal: AbortSignal): Promise<void> {
  await runRole({
    role: "alerts",
    port: environment.ALERTS_PORT,
    environment,
    signal,
    databaseConnections: 3,
    awaits: ["events"],
    start,
  });
}

async function start(context: RoleContext): Promise<void> {
  const { environment, nc, database, registry, lifecycle, readiness, log, signal } = context;
  // Without a question to the broker: what it has to answer is asked below, until it does.
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const stream = streamDeclarations(streamLimits(environment)).EVENTS;
  await ensureStream(jsm, stream, { log, signal });
  readiness.events = true;
  const isConnected = () => readiness.nats === true;
  const publishing = publishAlertEvents({ nc, isConnected, jsm, database, stream, log });
  lifecycle.onStop("alert events", publishing.stop);
  lifecycle.onStop("firing alerts", watchFiring(database, registry, log));
  startUpkeep(context, jsm);
  const address = environment.ALERTS_ALERTMANAGER_URL;
  if (address === undefined) return;
  const metrics = createReconciliationMetrics(registry);
  const everyMs = environment.ALERTS_RECONCILE_EVERY;
  lifecycle.onStop("reconciliation", reconcileAlerts({ database, address, everyMs, metrics, log }).stop);
}
