import type { Socket } from "node:net";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import type { Readiness } from "../platform/health.ts";
import type { Logger } from "../platform/log.ts";
import type { Use } from "./access/api-usage.ts";
import type { Authenticate } from "./access/authenticate.ts";
import { guard } from "./access/guard.ts";
import { limitRates } from "./access/rate-limit.ts";
import { measureRequests } from "./http-metrics.ts";
import { addOpenApi } from "./openapi.ts";
import { addProbes } from "./probes.ts";
import { badRequest, notFound, PROBLEM_TYPE, Problem, problemBody } from "./problem.ts";
import { problemOfError } from "./problem-of-error.ts";
import { addSecurityHeaders } from "./security-headers.ts";

/** The HTTP server; features add their routes to it, each with `config.role`, before it listens. */
export type Gateway = FastifyInstance;

export type GatewayOptions = {
  readonly authenticate: Authenticate;
  /** Other origins whose pages may ask. */
  readonly origins: readonly string[];
  /** Addresses and networks of reverse proxies, which say whom a request is from. */
  readonly trustedProxies: readonly string[];
  /** Requests per token and second. */
  readonly rateLimit: number;
  readonly registry: Registry;
  readonly readiness: () => Readiness;
  /** Told of every request to the API that was answered. */
  readonly onUse: (use: Use) => void;
  /** Shown in /openapi.json. */
  readonly version: string;
  readonly log: Logger;
};

const MOST_JSON_BYTES = 1024 * 1024;
/** A request whose head doesn't come within this, or whose body stalls longer, holds a socket for nothing. */
const REQUEST_WITHIN_MS = 120_000;

/** A server with everything that all routes have in common, and with no route of its own but probes and documentation. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, registry } = options;
  const server = Fastify({
    logger: false,
    // Of anybody else X-Forwarded-For is what whoever asks has made up.
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    bodyLimit: MOST_JSON_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    // What is being answered when the gateway stops is answered; kept-alive connections without a request are closed.
    forceCloseConnections: "idle",
    // And so is what still comes on connections that are there; each ends with its answer.
    return503OnClosing: false,
    // Clients that offer HTTP/2 (`Upgrade: h2c`) are answered in HTTP/1.1; with a listener for upgrades Node would hand it those too.
    http: { shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket" },
    routerOptions: { maxParamLength: 200 },
    // The two doors decide alike: nothing is coerced, removed or filled in, and all faults are told.
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: true,
        allowUnionTypes: true,
      },
    },
    frameworkErrors: (error, request, reply) => answerProblem(error, request, reply, log),
    clientErrorHandler: refuseGarbage,
  });

  server.setErrorHandler<FastifyError>((error, request, reply) => answerProblem(error, request, reply, log));
  measureRequests(server, registry, options.onUse);
  addSecurityHeaders(server, options.origins);
  server.addHook("onRequest", async ({ url }) => {
    // No name, id or channel has it, and a database refuses it as text.
    if (url.includes("%00")) throw badRequest("The path and the query can't have NUL.");
  });
  guard(server, options.authenticate);
  await limitRates(server, options.rateLimit);
  server.setNotFoundHandler({ preHandler: server.rateLimit() }, () => {
    throw notFound("There is nothing at this path for this method. /docs lists what there is.");
  });
  await addOpenApi(server, options.version);
  addProbes(server, registry, options.readiness);
  return server;
}

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  const problem = problemOfError(error) ?? defect(error, request, log);
  const { details } = problem;
  if (details.status === 401) reply.header("www-authenticate", 'Bearer realm="plumbline"');
  if (details.retryAfterS !== undefined) reply.header("retry-after", String(details.retryAfterS));
  const body = problemBody(details, pathOf(request));
  // As text: a route's own serializer for the status would drop what it doesn't know.
  return reply.code(details.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}

/** What went wrong is for the log alone. */
function defect(error: unknown, request: FastifyRequest, log: Logger): Problem {
  log.error({ err: error, request: request.id, route: request.routeOptions.url }, "a request failed");
  return new Problem({
    status: 500,
    title: "Internal error",
    detail: `Something went wrong here. The log has it under request ${request.id}.`,
  });
}

/** Without the query, which may hold anything. */
function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0]!;
}

/** Bytes that aren't HTTP. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? [431, "Request Header Fields Too Large"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? [408, "Request Timeout"]
        : [400, "Bad Request"];
  const body = JSON.stringify({ type: "about:blank", title, status, detail: "This isn't a request that can be read." });
  // Destroyed then: the other side may never end its half.
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
