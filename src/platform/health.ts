import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { messageOf, OperatorError } from "./errors.ts";

/** What a role has still to wait for before it is ready; true means done. */
export type Readiness = Record<string, boolean>;

export function isReady(readiness: Readiness): boolean {
  return Object.values(readiness).every(Boolean);
}

export type HealthServer = { readonly url: string; stop(): Promise<void> };

/** Serves /livez, /readyz (503 with what is missing until all is there) and /metrics on loopback and beyond. */
export async function startHealthServer(options: {
  readonly port: number;
  readonly registry: Registry;
  readonly readiness: () => Readiness;
}): Promise<HealthServer> {
  const { port, registry, readiness } = options;
  const server = createServer(async (request, response) => {
    try {
      await answer(request.url?.split("?")[0], response);
    } catch (error) {
      // A metric whose value can't be found must not end the role.
      response.statusCode = 500;
      response.setHeader("content-type", "text/plain").end(`${messageOf(error)}\n`);
    }
  });

  async function answer(path: string | undefined, response: ServerResponse): Promise<void> {
    if (path === "/livez") {
      response.setHeader("content-type", "application/json").end('{"status":"alive"}');
    } else if (path === "/readyz") {
      const checks = readiness();
      response.statusCode = isReady(checks) ? 200 : 503;
      const status = isReady(checks) ? "ready" : "not ready";
      response.setHeader("content-type", "application/json").end(JSON.stringify({ status, checks }));
    } else if (path === "/metrics") {
      const metrics = await registry.metrics();
      response.setHeader("content-type", registry.contentType).end(metrics);
    } else {
      response.statusCode = 404;
      response.end();
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        new OperatorError(`cannot listen on port ${port}: ${messageOf(error)}. Choose another port.`, { cause: error }),
      );
    });
    server.listen(port, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
