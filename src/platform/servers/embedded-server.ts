import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { launchServer, type RunningServer, type ServerPlan, waitUntilReady } from "./launch-server.ts";
import { choosePort, portInUse } from "./ports.ts";
import { commandLineOf, identifyProcess, type ProcessIdentity } from "./process-identity.ts";
import { type StateFolder, writing } from "./state-folder.ts";
import { type StopSteps, stopProcess } from "./stop-process.ts";

/** A server left over from a crash has long started: one that is silent this long is wedged. */
const ADOPT_PATIENCE_MS = 5_000;
/** PostgreSQL closes at once, nats-server prints where it hangs; after that comes SIGKILL. */
const STOP_WEDGED: StopSteps = [{ signal: "SIGQUIT", withinMs: 2_000 }];
const RETRY_FOR_MS = 15_000;

/**
 * Adopts the server that a killed process left over, if it has the wanted configuration and answers; stops it if not,
 * and starts a new one. Without `askedPort` it gets the port of the last time, or the usual one, if that is free, else a free one.
 */
export async function startOrAdopt(
  plan: ServerPlan,
  state: StateFolder,
  askedPort: number | undefined,
  log: Logger,
): Promise<RunningServer> {
  const portFile = join(state.run, `${plan.name}.port`);
  const lastPort = Number((await readOrNothing(portFile)).trim()) || undefined;
  const leftover = await findLeftover(plan);
  if (leftover !== undefined) {
    const port = askedPort ?? lastPort;
    const fits =
      port !== undefined && port === lastPort && (await readOrNothing(plan.configFile)) === plan.configFor(port);
    const fault = fits ? await waitUntilReady(plan, leftover, port, ADOPT_PATIENCE_MS) : undefined;
    if (fits && fault === undefined) {
      log.info({ server_pid: leftover.pid, port }, `adopted the ${plan.name} that was left running`);
      const stop: RunningServer["stop"] = (steps) => stopProcess(leftover, steps);
      return { pid: leftover.pid, port, adopted: true, stop };
    }
    const reason = fault ?? "it has another configuration or port";
    log.warn({ server_pid: leftover.pid }, `stopping the ${plan.name} that was left running: ${reason}`);
    await stopProcess(leftover, fits ? STOP_WEDGED : plan.stopSteps);
  }

  // Nobody's now. PostgreSQL looks at the pid alone, and would not start if another program, or a zombie, has it; its
  // data stay guarded by a piece of shared memory.
  await writing(plan.pidFile, () => rm(plan.pidFile, { force: true }));
  const deadline = Date.now() + RETRY_FOR_MS;
  let preferred = lastPort ?? plan.usualPort;
  for (;;) {
    const port = await choosePort(askedPort, preferred);
    await writing(portFile, () => writeFile(portFile, `${port}\n`));
    await writing(plan.configFile, async () => {
      await writeFile(plan.configFile, plan.configFor(port));
      // Whatever the umask is: the server may run as another user.
      await chmod(plan.configFile, 0o644);
    });
    const launched = await launchServer(plan, state, port, log);
    if ("pid" in launched) {
      log.info({ server_pid: launched.pid, port }, `started ${plan.name}`);
      return launched;
    }
    const { lastWords } = launched;
    const portTaken = /address already in use/i.test(lastWords);
    if (portTaken && askedPort !== undefined) throw portInUse(port);
    // The workers of a PostgreSQL that was killed take a moment to notice, and hold its shared memory until they do.
    const lingering = /shared memory block .* still in use/.test(lastWords);
    if (!(portTaken || lingering) || Date.now() > deadline) {
      const logFile = join(state.log, `${plan.name}.log`);
      throw new OperatorError(`${plan.name} did not start. The end of its log (${logFile}) says why:\n${lastWords}`);
    }
    preferred = portTaken ? undefined : port;
    await sleep(100);
  }
}

/** Stops the server that a killed process left over, if there is one and nobody wants it any more. */
export async function stopLeftover(
  plan: Pick<ServerPlan, "name" | "pidFile" | "ownPath" | "stopSteps">,
  log: Logger,
): Promise<void> {
  const leftover = await findLeftover(plan);
  if (leftover === undefined) return;
  log.warn({ server_pid: leftover.pid }, `stopping the ${plan.name} that was left running: nobody wants it`);
  await stopProcess(leftover, plan.stopSteps);
}

/** The server's own pid file may be stale and its pid another program's by now, hence the look at the command line. */
async function findLeftover({
  pidFile,
  program,
  ownPath,
}: Pick<ServerPlan, "pidFile" | "ownPath"> & { readonly program?: string }): Promise<ProcessIdentity | undefined> {
  const pid = Number.parseInt(await readOrNothing(pidFile), 10);
  const leftover = pid > 0 ? identifyProcess(pid) : undefined;
  const [running, ...args] = commandLineOf(pid);
  const isOurs = program === undefined || basename(running ?? "") === basename(program);
  return isOurs && args.includes(ownPath) ? leftover : undefined;
}

async function readOrNothing(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}
