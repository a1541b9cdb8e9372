import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { Problem } from "../problem.ts";

const WINDOW_MS = 1_000;
/** Requests per second and address without a valid token: probes, a page's files, people guessing. */
const STRANGERS_PER_SECOND = 200;
/** Tokens and addresses that are remembered for their second. */
const MOST_KEYS = 20_000;

/** Bounds the requests per second of each token, and of each address for those without a valid one. */
export async function limitRates(server: FastifyInstance, perTokenAndSecond: number): Promise<void> {
  await server.register(rateLimit, {
    timeWindow: WINDOW_MS,
    cache: MOST_KEYS,
    // A connection that is gone already has no address any more.
    keyGenerator: ({ principal, ip = "" }) =>
      principal === undefined ? `address ${normalizeIP(ip)}` : `token ${principal.tokenId}`,
    max: ({ principal }) => (principal === undefined ? STRANGERS_PER_SECOND : perTokenAndSecond),
    // The problem's own Retry-After says it; the others would tell every answer about the limit.
    addHeaders: {
      "x-ratelimit-limit": false,
      "x-ratelimit-remaining": false,
      "x-ratelimit-reset": false,
      "retry-after": false,
    },
    addHeadersOnExceeding: {
      "x-ratelimit-limit": false,
      "x-ratelimit-remaining": false,
      "x-ratelimit-reset": false,
    },
    errorResponseBuilder: ({ principal }, { max }) =>
      new Problem({
        status: 429,
        title: "Too many requests",
        detail:
          principal === undefined
            ? `More than ${max} requests in a second came from this address without a valid token. Wait a second.`
            : `More than ${max} requests in a second came with this token. Wait a second, or send batches.`,
        retryAfterS: WINDOW_MS / 1000,
      }),
  });
}
