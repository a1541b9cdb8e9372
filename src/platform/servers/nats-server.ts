import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import type { Logger } from "../log.ts";
import { startOrAdopt } from "./embedded-server.ts";
import { findProgram } from "./find-program.ts";
import { LOOPBACK } from "./ports.ts";
import { openStateFolder, writing } from "./state-folder.ts";
import type { StopSteps } from "./stop-process.ts";

export type EmbeddedNats = {
  /** nats://127.0.0.1:<port>; no password, so it is for one machine's users. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True when it was running already, left over from a process that was killed. */
  readonly adopted: boolean;
  /** Returns when the process is gone. */
  stop(): Promise<void>;
};

/** On SIGTERM it writes what JetStream holds in memory and ends, commonly within 100 ms. */
const STOP: StopSteps = [{ signal: "SIGTERM", withinMs: 10_000 }];

/**
 * Starts (or adopts) a nats-server with JetStream for this machine: configuration and streams under `home/nats`, log
 * `home/log/nats-server.log`, pid and last port under `home/run`. `config` is more lines of nats.conf, which win over
 * ours. OperatorError when it can't be found, or doesn't start.
 */
export async function startNatsServer(options: {
  home: string;
  port?: number;
  log: Logger;
  config?: string;
}): Promise<EmbeddedNats> {
  const log = options.log.child({ component: "nats-server" });
  const program = await findProgram("nats-server", log);
  const state = await openStateFolder(options.home);
  const folder = join(state.home, "nats");
  // Applications are personal data: nobody else on the machine reads them.
  await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const configFile = join(folder, "nats.conf");
  const pidFile = join(state.run, "nats-server.pid");
  const serverName = `plumbline-${createHash("sha256").update(state.home).digest("hex").slice(0, 8)}`;

  const server = await startOrAdopt(
    {
      name: "nats-server",
      program,
      argsFor: () => ["-c", configFile],
      ownPath: configFile,
      folder,
      account: undefined,
      pidFile,
      pidFileBy: "server",
      configFile,
      configFor: (port) => natsConfig({ serverName, port, folder, pidFile, more: options.config ?? "" }),
      probe: (port) => probe(port, serverName),
      stopSteps: STOP,
    },
    state,
    options.port,
    log,
  );
  const { port, pid, adopted } = server;
  return { url: `nats://${LOOPBACK}:${port}`, port, pid, adopted, stop: () => server.stop(STOP) };
}

function natsConfig(config: {
  serverName: string;
  port: number;
  folder: string;
  pidFile: string;
  more: string;
}): string {
  return `# Written by plumbline at every start: changes made here are lost.
server_name: ${JSON.stringify(config.serverName)}
listen: "${LOOPBACK}:${config.port}"
pid_file: ${JSON.stringify(config.pidFile)}
jetstream {
  store_dir: ${JSON.stringify(config.folder)}
  # Limits, not reservations of disk. The server's own are a share of the free space, and on a small disk refuse
  # streams whose max_bytes add up to more.
  max_file: 1TB
  max_mem: 1GB
}
${config.more}
`;
}

/** Ready when the server that answers is ours and has JetStream. */
async function probe(port: number, serverName: string): Promise<"ready" | "busy"> {
  const connection = await connect({ servers: `${LOOPBACK}:${port}`, timeout: 1_000, reconnect: false });
  try {
    const name = connection.info?.server_name;
    if (name !== serverName) throw new Error(`another server answers on port ${port}: ${name}`);
    const answer = await connection.request("$JS.API.INFO", "", { timeout: 1_000 });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error !== undefined) throw new Error(`JetStream: ${error.description}`);
    return "ready";
  } finally {
    await connection.close();
  }
}
