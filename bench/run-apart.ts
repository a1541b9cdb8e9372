import { fork } from "node:child_process";

/**
 * Runs a program of `bench/` in a process of its own, so that what it costs isn't taken from what is measured, with the plan
 * as its argument, and returns the message that it ends with.
 * @throws Error when it can't be started or ends without one; the signal's reason when aborted.
 */
export async function runApart<Result>(program: string, plan: unknown, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const child = fork(program, [JSON.stringify(plan)], { serialization: "advanced" });
  const stop = () => child.kill();
  signal.addEventListener("abort", stop);
  try {
    return await new Promise<Result>((resolve, reject) => {
      child.once("message", (result) => resolve(result as Result));
      child.once("error", reject);
      child.once("exit", (code, name) => reject(new Error(`${program} ended early (${name ?? code})`)));
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
