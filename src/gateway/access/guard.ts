import type { FastifyInstance, FastifyRequest } from "fastify";
import { Problem, unauthenticated } from "../problem.ts";
import type { Authenticate } from "./authenticate.ts";
import { mayPass, type Principal, type RouteRole } from "./principal.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Every route says whom it is for. */
    role?: RouteRole;
  }
  interface FastifyRequest {
    /** Whose valid token came with the request. */
    principal: Principal | undefined;
  }
}

/** Whose token came with a request to a route that isn't for anyone. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new Error("the route is for anyone; it knows nobody");
  return request.principal;
}

/** The documentation's own files; the plugin that serves them can't say whom they are for. */
const DOCUMENTATION = /^\/docs(\/|$)/;

/**
 * Makes every route of a server say whom it is for, and refuses those whom it isn't for before a byte of their body is read.
 * The token is looked at first, so that what comes between (the rate limit) knows whose request it is.
 */
export function guard(server: FastifyInstance, authenticate: Authenticate): void {
  server.decorateRequest("principal", undefined);

  server.addHook("onRoute", (route) => {
    if (route.config?.role !== undefined) return;
    if (!DOCUMENTATION.test(route.url)) {
      throw new Error(`route ${route.method} ${route.url} doesn't say whom it is for; set config.role`);
    }
    route.config = { ...route.config, role: "anyone" };
  });

  server.addHook("onRequest", async (request) => {
    const token = bearerToken(request);
    if (token !== undefined) request.principal = await authenticate(token);
  });

  server.addHook("preParsing", async (request) => {
    const wanted = request.is404 ? "anyone" : (request.routeOptions.config.role ?? "admin");
    if (wanted === "anyone") return;
    if (request.principal === undefined) throw unauthenticated(whyUnauthenticated(request));
    if (!mayPass(request.principal.role, wanted)) throw forbidden(wanted);
  });
}

function whyUnauthenticated(request: FastifyRequest): string {
  if (request.headers.authorization === undefined) {
    return 'Send a token in the header "Authorization: Bearer <token>". `plumbline token create` makes one.';
  }
  if (bearerToken(request) === undefined) return 'The Authorization header must be "Bearer <token>".';
  return "The token isn't valid: it isn't from here, has expired or was revoked. `plumbline token create` makes a new one.";
}

function forbidden(wanted: Exclude<RouteRole, "anyone">): Problem {
  const roles = [wanted].flat();
  const detail = `This needs a token with the role ${roles.join(" or ")}.`;
  return new Problem({ status: 403, title: "Forbidden", detail, extra: { roles } });
}

function bearerToken({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(headers.authorization ?? "")?.[1];
}
