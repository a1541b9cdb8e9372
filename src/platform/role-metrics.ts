import { Counter, collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import { isReady, type Readiness } from "./health.ts";

export type RoleMetrics = {
  /** The event loop came round. */
  beat(): void;
  connected(isConnected: boolean): void;
  reconnected(): void;
  /** `outage`: the database wasn't reached, which is waited for; `data`: it refused a row. */
  postgresFailed(kind: "outage" | "data"): void;
};

/** What every role measures of itself, Node's own metrics included. */
export function createRoleMetrics(registry: Registry, role: string, readiness: Readiness): RoleMetrics {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const labelNames = ["role"] as const;
  const heartbeat = new Gauge({
    name: "plumbline_heartbeat_timestamp_seconds",
    help: "When the role's event loop last came round.",
    labelNames,
    registers,
  });
  new Gauge({
    name: "plumbline_ready",
    help: "1 while the role has all that it needs, as /readyz tells in detail.",
    labelNames,
    registers,
    collect() {
      this.set({ role }, isReady(readiness) ? 1 : 0);
    },
  });
  const connected = new Gauge({
    name: "plumbline_nats_connected",
    help: "1 while the connection to the broker stands.",
    labelNames,
    registers,
  });
  const reconnects = new Counter({
    name: "plumbline_nats_reconnects_total",
    help: "How often the connection to the broker was made again.",
    labelNames,
    registers,
  });
  const postgresErrors = new Counter({
    name: "plumbline_postgres_errors_total",
    help: "Statements that failed: `outage` is waited for, `data` is a row that the database refuses.",
    labelNames: ["role", "kind"],
    registers,
  });
  connected.set({ role }, 0);
  reconnects.inc({ role }, 0);
  for (const kind of ["outage", "data"]) postgresErrors.inc({ role, kind }, 0);
  return {
    beat: () => heartbeat.set({ role }, Date.now() / 1000),
    connected: (isConnected) => connected.set({ role }, isConnected ? 1 : 0),
    reconnected: () => reconnects.inc({ role }),
    postgresFailed: (kind) => postgresErrors.inc({ role, kind }),
  };
}
