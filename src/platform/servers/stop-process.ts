import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../errors.ts";
import { isRunning, type ProcessIdentity } from "./process-identity.ts";

/** Signals to send one after the other, and how long each may take before the next one is sent. */
export type StopSteps = readonly { readonly signal: NodeJS.Signals; readonly withinMs: number }[];

/** Ends a process that doesn't listen to any other signal. The kernel needs the time, the process has no say. */
const LAST_STEP = { signal: "SIGKILL", withinMs: 5_000 } as const;

/**
 * Stops a process, with SIGKILL after the last step, and returns when it is gone; at once if it is gone already. Takes
 * at most the sum of the steps and 5 s. OperatorError when this user may not signal it, or not even SIGKILL ends it.
 */
export async function stopProcess(process: ProcessIdentity, steps: StopSteps): Promise<void> {
  for (const { signal, withinMs } of [...steps, LAST_STEP]) {
    if (!isRunning(process)) return;
    send(process.pid, signal);
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline) {
      if (!isRunning(process)) return;
      await sleep(10);
    }
  }
  if (isRunning(process)) {
    throw new OperatorError(`process ${process.pid} does not end, not even on SIGKILL: its disk may hang.`);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ESRCH") return;
    throw new OperatorError(`can't stop process ${pid} (${code}): stop it as the user who started it.`, {
      cause: error,
    });
  }
}
