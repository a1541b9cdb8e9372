import type { JetStreamManager } from "@nats-io/jetstream";
import { streamDeclarations } from "../contracts/streams.ts";
import { createUpkeepMetrics } from "../upkeep/metrics.ts";
import { keepRetention } from "../upkeep/retention.ts";
import { recordSystemHealth } from "../upkeep/system-health.ts";
import { watchServers } from "../upkeep/watch-servers.ts";
import { type Environment, streamLimits } from "./environment.ts";
import type { RoleContext } from "./role.ts";

const HEALTH_EVERY_MS = 60_000;

/** What one process does for all: it watches the servers, records the system's health and deletes what is old. */
export function startUpkeep(context: RoleContext, jsm: JetStreamManager): void {
  const { environment, nc, database, registry, lifecycle, log } = context;
  const metrics = createUpkeepMetrics(registry);
  const streams = Object.keys(streamDeclarations(streamLimits(environment)));
  const folder = environment.PLUMBLINE_HOME;
  lifecycle.onStop("servers' watch", watchServers({ jsm, streams, database, folder, role: "alerts", metrics, log }));
  const health = recordSystemHealth({ nc, jsm, database, folder, everyMs: HEALTH_EVERY_MS, log });
  lifecycle.onStop("system health", health.stop);
  const keepMs = retentionMs(environment);
  lifecycle.onStop("retention", keepRetention({ database, keepMs, metrics: metrics.retention, log }).stop);
}

function retentionMs(environment: Environment) {
  const reports = environment.RETENTION_DRIFT_REPORTS;
  return {
    applications: environment.RETENTION_APPLICATIONS,
    drift_reports: reports,
    drift_withdrawn: reports,
    drift_insufficient: reports,
    alerts: environment.RETENTION_ALERTS,
    api_usage: environment.RETENTION_API_USAGE,
    audit: environment.RETENTION_AUDIT,
    tokens: environment.RETENTION_TOKENS,
    system_health: environment.RETENTION_SYSTEM_HEALTH,
  };
}
