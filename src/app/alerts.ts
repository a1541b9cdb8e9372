import { jetstreamManager } from "@nats-io/jetstream";
import { publishAlertEvents } from "../alerts/publish-events.ts";
import { streamDeclarations } from "../contracts/streams.ts";
import { ensureStream } from "../platform/topology.ts";
import { type Environment, streamLimits } from "./environment.ts";
import { type RoleContext, runRole } from "./role.ts";

/** Runs the alerts role until the signal: it tells alerts on. */
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

async function start({ environment, nc, database, lifecycle, readiness, log, signal }: RoleContext): Promise<void> {
  // Without a question to the broker: what it has to answer is asked below, until it does.
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const stream = streamDeclarations(streamLimits(environment)).EVENTS;
  await ensureStream(jsm, stream, { log, signal });
  readiness.events = true;
  const publishing = publishAlertEvents({ nc, jsm, database, stream, log });
  lifecycle.onStop("alert events", publishing.stop);
}
