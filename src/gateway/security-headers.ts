import type { FastifyInstance } from "fastify";

/** Everything from here and nothing inline: an injected script has nowhere to come from and nowhere to send to. */
const CONSOLE_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": CONSOLE_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
} as const;

const CORS_METHODS = "GET, POST";
const CORS_HEADERS = "Authorization, Content-Type, traceparent, tracestate";
const PREFLIGHT_SECONDS = "600";

/**
 * Security headers on every answer, and CORS for the listed origins only. Answers of the API are never kept by caches: what
 * one token may read another may not.
 */
export function addSecurityHeaders(server: FastifyInstance, origins: readonly string[]): void {
  server.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
    if (request.url.startsWith("/v1/")) reply.header("cache-control", "no-store");
    const { origin } = request.headers;
    if (origins.length > 0) reply.header("vary", "Origin");
    if (origin === undefined || !origins.includes(origin)) return;
    reply.header("access-control-allow-origin", origin);
    reply.header("access-control-expose-headers", "Retry-After, Content-Disposition");
    reply.header("cross-origin-resource-policy", "cross-origin");
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return;
    reply.header("access-control-allow-methods", CORS_METHODS);
    reply.header("access-control-allow-headers", CORS_HEADERS);
    reply.header("access-control-max-age", PREFLIGHT_SECONDS);
    await reply.code(204).send();
  });
}
