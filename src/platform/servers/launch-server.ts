import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { identifyProcess, isRunning, type ProcessIdentity } from "./process-identity.ts";
import type { Account } from "./run-program.ts";
import { openServerLog } from "./server-log.ts";
import { type StateFolder, writing } from "./state-folder.ts";
import { type StopSteps, stopProcess } from "./stop-process.ts";

/** What is special about one kind of server. */
export type ServerPlan = {
  /** In messages, and the name of its log and of the file that remembers its port. */
  readonly name: string;
  readonly program: string;
  readonly argsFor: (port: number) => readonly string[];
  /** One of the arguments, which no other state folder's server has: a server left over from a crash is known again by it. */
  readonly ownPath: string;
  readonly folder: string;
  readonly account: Account | undefined;
  /** The pid is in the first line. */
  readonly pidFile: string;
  /** Not every server writes a pid file itself. */
  readonly pidFileBy: "server" | "launcher";
  readonly configFile: string;
  readonly configFor: (port: number) => string;
  /** The port it gets the first time, where that is free. */
  readonly usualPort?: number;
  /** "busy" when it answers but isn't ready (a long recovery, say); throws when it doesn't answer within about 1 s. */
  readonly probe: (port: number) => Promise<"ready" | "busy">;
  readonly stopSteps: StopSteps;
};

export type RunningServer = {
  readonly port: number;
  readonly pid: number;
  readonly adopted: boolean;
  /** Returns when the process is gone. */
  stop(steps: StopSteps): Promise<void>;
};

/** A starting server may be silent this long; an old, large store is read before it answers. */
const START_PATIENCE_MS = 60_000;

/**
 * Spawns a server, its configuration written already, and waits until it is ready. It outlives this process and is in
 * a process group of its own: nothing but `stop` ends it. When it doesn't start, `lastWords` is what it logged.
 */
export async function launchServer(
  plan: ServerPlan,
  state: StateFolder,
  port: number,
  log: Logger,
): Promise<RunningServer | { readonly lastWords: string }> {
  const output = await openServerLog(join(state.log, `${plan.name}.log`));
  const child = spawn(plan.program, plan.argsFor(port), {
    cwd: plan.folder,
    detached: true,
    stdio: ["ignore", output.file.fd, output.file.fd],
    ...(plan.account && { uid: plan.account.uid, gid: plan.account.gid }),
  });
  child.unref();
  const spawnError = await new Promise<Error | undefined>((resolve) => {
    child.once("spawn", () => resolve(undefined));
    child.once("error", resolve);
  });
  let stopping = false;
  child.once("exit", (code, signal) => {
    if (!stopping) log.error({ code, signal, log: output.path }, `${plan.name} ended, and nobody asked it to`);
  });
  await output.file.close();
  if (spawnError !== undefined) return { lastWords: messageOf(spawnError) };

  if (plan.pidFileBy === "launcher") await writing(plan.pidFile, () => writeFile(plan.pidFile, `${child.pid}\n`));
  const identity = identifyProcess(child.pid!);
  const fault = identity ? await waitUntilReady(plan, identity, port, START_PATIENCE_MS) : "it ended at once";
  if (identity === undefined || fault !== undefined) {
    stopping = true;
    if (identity !== undefined) await stopProcess(identity, plan.stopSteps);
    return { lastWords: `${await output.lastLines()}\n(${fault})`.trim() };
  }
  const stop = (steps: StopSteps) => {
    stopping = true;
    return stopProcess(identity, steps);
  };
  return { pid: identity.pid, port, adopted: false, stop };
}

/** Waits for a server that runs. Undefined when it is ready, else why not. Every "busy" renews the patience. */
export async function waitUntilReady(
  plan: ServerPlan,
  server: ProcessIdentity,
  port: number,
  patienceMs: number,
): Promise<string | undefined> {
  let deadline = Date.now() + patienceMs;
  let fault = "";
  while (isRunning(server)) {
    try {
      const answer = await plan.probe(port);
      // Asked again because another program may have taken the port, and answered, while ours ended over it.
      if (answer === "ready" && isRunning(server)) return undefined;
      deadline = Date.now() + patienceMs;
    } catch (error) {
      fault = messageOf(error);
      if (Date.now() > deadline) return `no answer within ${patienceMs} ms: ${fault}`;
    }
    await sleep(20);
  }
  return "it ended while it started";
}
