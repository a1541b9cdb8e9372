import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import type { Registry } from "prom-client";
import { messageOf, OperatorError } from "./errors.ts";
import { makeFolder } from "./make-folder.ts";

/** What a role has still to wait for before it is ready; true means done. */
export type Readiness = Record<string, boolean>;

export type HealthServer = { readonly url: string; stop(): Promise<void> };

/** Serves /livez, /readyz (503 with what is missing until all is there) and /metrics on loopback and beyond. */
export async function startHealthServer(options: {
  readonly port: number;
  readonly registry: Registry;
  readonly readiness: () => Readiness;
}): Promise<HealthServer> {
  const { port, registry, readiness } = options;
  const server = createServer(async (request, response) => {
    const path = request.url?.split("?")[0];
    if (path === "/livez") {
      response.setHeader("content-type", "application/json").end('{"status":"alive"}');
    } else if (path === "/readyz") {
      const checks = readiness();
      const isReady = Object.values(checks).every(Boolean);
      response.statusCode = isReady ? 200 : 503;
      const status = isReady ? "ready" : "not ready";
      response.setHeader("content-type", "application/json").end(JSON.stringify({ status, checks }));
    } else if (path === "/metrics") {
      response.setHeader("content-type", registry.contentType).end(await registry.metrics());
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
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

/**
 * Announces a running process in `<home>/run/<role>-<pid>.json`; returns how to take the announcement back. Written
 * beside and renamed, so that nobody reads half a file.
 */
export async function announce(home: string, role: string, url: string): Promise<() => Promise<void>> {
  const folder = join(home, "run");
  const file = join(folder, `${role}-${process.pid}.json`);
  try {
    await makeFolder(resolve(folder));
    await forgetDead(folder, role);
    await writeFile(`${file}.new`, JSON.stringify({ role, pid: process.pid, url }));
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new OperatorError(
      `cannot write ${file}: ${messageOf(error)}. Make PLUMBLINE_HOME a folder that can be written.`,
      {
        cause: error,
      },
    );
  }
  return () => rm(file, { force: true });
}

/** Takes back the announcements of processes that were killed and couldn't do it themselves. */
async function forgetDead(folder: string, role: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = new RegExp(`^${role}-(\\d+)\\.json$`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive all the same.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
