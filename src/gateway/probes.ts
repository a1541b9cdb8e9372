import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Readiness } from "../platform/health.ts";

const ANYONE = { config: { role: "anyone" } } as const;
const TAGS = ["operations"];
const ALIVE = { type: "object", description: "It runs.", properties: { status: { type: "string" } } };
const READINESS = {
  type: "object",
  description: "What is there and what is missing.",
  properties: { status: { type: "string" }, checks: { type: "object", additionalProperties: { type: "boolean" } } },
};
const METRICS = { type: "string", description: "One metric per line." };

/** What watches the gateway from outside: /livez, /readyz (503 with what is missing) and /metrics. */
export function addProbes(server: FastifyInstance, registry: Registry, readiness: () => Readiness): void {
  server.get(
    "/livez",
    { ...ANYONE, schema: { summary: "Whether the process runs", tags: TAGS, response: { 200: ALIVE } } },
    async () => ({ status: "alive" }),
  );
  server.get(
    "/readyz",
    {
      ...ANYONE,
      schema: {
        summary: "Whether the gateway has all it needs",
        tags: TAGS,
        response: { 200: READINESS, 503: READINESS },
      },
    },
    async (_, reply) => {
      const checks = readiness();
      const isReady = Object.values(checks).every(Boolean);
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "not ready", checks });
    },
  );
  server.get(
    "/metrics",
    {
      ...ANYONE,
      schema: {
        summary: "Metrics in Prometheus' text format",
        tags: TAGS,
        produces: ["text/plain"],
        response: { 200: METRICS },
      },
    },
    async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}
