import { join } from "node:path";
import type { Logger } from "../log.ts";
import { startOrAdopt, stopLeftover } from "./embedded-server.ts";
import { findProgram } from "./find-program.ts";
import { LOOPBACK } from "./ports.ts";
import { openStateFolder } from "./state-folder.ts";
import type { StopSteps } from "./stop-process.ts";

/** A Prometheus or an Alertmanager: they are started, asked and stopped in the same way. */
export type EmbeddedMonitor = {
  /** http://127.0.0.1:<port>; no password, so it is for one machine's users. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True when it was running already, left over from a process that was killed. */
  readonly adopted: boolean;
  /** Reads its configuration and the files that it names again. A faulty one is logged, and the last one stays. */
  reload(): void;
  /** Returns when the process is gone. */
  stop(): Promise<void>;
};

export type MonitorPlan = {
  readonly name: "prometheus" | "alertmanager";
  readonly home: string;
  readonly port?: number;
  readonly usualPort: number;
  readonly config: string;
  readonly folder: string;
  readonly argsFor: (port: number) => readonly string[];
  readonly log: Logger;
};

/** On SIGTERM both write what they hold in memory and end, commonly within 100 ms. */
const STOP: StopSteps = [{ signal: "SIGTERM", withinMs: 10_000 }];

/** Starts (or adopts) one of the two; its configuration is `folder/<name>.yml`. */
export async function startMonitor(plan: MonitorPlan): Promise<EmbeddedMonitor> {
  const { name, folder, config, argsFor } = plan;
  const log = plan.log.child({ component: name });
  const program = await findProgram(name, log);
  const state = await openStateFolder(plan.home);
  const configFile = join(folder, `${name}.yml`);
  const server = await startOrAdopt(
    {
      name,
      program,
      argsFor: (port) => ["--config.file", configFile, ...argsFor(port)],
      ownPath: configFile,
      folder,
      account: undefined,
      pidFile: join(state.run, `${name}.pid`),
      pidFileBy: "launcher",
      configFile,
      configFor: () => config,
      usualPort: plan.usualPort,
      probe,
      stopSteps: STOP,
    },
    state,
    plan.port,
    log,
  );
  const { port, pid, adopted } = server;
  const reload = () => void process.kill(pid, "SIGHUP");
  // The files that its configuration names may be others by now.
  if (adopted) reload();
  return { url: `http://${LOOPBACK}:${port}`, port, pid, adopted, reload, stop: () => server.stop(STOP) };
}

/** Stops one of the two that a killed process left over, if there is one. */
export async function stopLeftMonitor(name: MonitorPlan["name"], home: string, log: Logger): Promise<void> {
  const state = await openStateFolder(home);
  const ownPath = join(state.home, name, `${name}.yml`);
  await stopLeftover({ name, pidFile: join(state.run, `${name}.pid`), ownPath, stopSteps: STOP }, log);
}

/** Ready when it says so; a Prometheus that still reads its log of writes says 503. */
async function probe(port: number): Promise<"ready" | "busy"> {
  const { ok, status } = await fetch(`http://${LOOPBACK}:${port}/-/ready`, { signal: AbortSignal.timeout(1_000) });
  if (ok) return "ready";
  if (status === 503) return "busy";
  throw new Error(`another server answers on port ${port}: ${status}`);
}
