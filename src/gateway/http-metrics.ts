import type { FastifyInstance } from "fastify";
import { Counter, Histogram, type Registry } from "prom-client";
import type { Use } from "./access/api-usage.ts";

/** Edges at the objective, 0.2 s, and at what single submissions take. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30];
/** A path that no route has may be anything. */
const NO_ROUTE = "";

/** Measures every request on the registry, and notes it as a use of the API unless it is a probe's. */
export function measureRequests(server: FastifyInstance, registry: Registry, note: (use: Use) => void): void {
  const labelNames = ["route", "method", "code"];
  const requests = new Counter({
    name: "plumbline_http_requests_total",
    help: "Requests answered.",
    labelNames,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "plumbline_http_request_seconds",
    help: "From a request's first byte to the last of its answer.",
    labelNames,
    buckets: BUCKETS,
    registers: [registry],
  });
  server.addHook("onResponse", async (request, reply) => {
    const route = request.is404 ? NO_ROUTE : (request.routeOptions.url ?? NO_ROUTE);
    const { method } = request;
    const took = reply.elapsedTime / 1000;
    requests.inc({ route, method, code: reply.statusCode });
    seconds.observe({ route, method, code: reply.statusCode }, took);
    if (!route.startsWith("/v1/")) return;
    note({ route, method, status: reply.statusCode, tokenName: request.principal?.name ?? "", seconds: took });
  });
}
