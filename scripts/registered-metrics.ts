import Fastify from "fastify";
import { Registry } from "prom-client";
import { countNotifications, createReconciliationMetrics, showFiring } from "../src/alerts/metrics.ts";
import { createDriftMetrics } from "../src/drift/metrics.ts";
import { createFaroMetrics } from "../src/gateway/faro/metrics.ts";
import { measureRequests } from "../src/gateway/http-metrics.ts";
import { createStreamMetrics } from "../src/gateway/stream/metrics.ts";
import { createConsumerMetrics } from "../src/platform/consumer-watch.ts";
import { createRoleMetrics } from "../src/platform/role-metrics.ts";
import { createScorerMetrics } from "../src/scorer/metrics.ts";
import { createUpkeepMetrics } from "../src/upkeep/metrics.ts";

export type RegisteredMetric = {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
};

const PARTS: readonly ((registry: Registry) => void)[] = [
  (registry) => createRoleMetrics(registry, "scorer", {}),
  (registry) => createConsumerMetrics(registry),
  (registry) => createScorerMetrics(registry, { name: "model", version: "1", sha256: "" }, []),
  createDriftMetrics,
  (registry) => measureRequests(Fastify(), registry, () => {}),
  createStreamMetrics,
  createFaroMetrics,
  countNotifications,
  createReconciliationMetrics,
  showFiring,
  createUpkeepMetrics,
];

/** Plumbline's own metrics as the code makes them, by name. */
export function registeredMetrics(): ReadonlyMap<string, RegisteredMetric> {
  const all = new Map<string, RegisteredMetric>();
  for (const make of PARTS) {
    const registry = new Registry();
    make(registry);
    // The declared type leaves out the label names.
    for (const metric of registry.getMetricsAsArray() as unknown as RegisteredMetric[]) {
      if (metric.name.startsWith("plumbline_")) all.set(metric.name, metric);
    }
  }
  return all;
}
