import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { ROOT } from "../../src/app/environment.ts";

export type Ended = {
  /** The exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunningCommand = {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<Ended>;
};

/** Starts `bin/plumbline`, with nothing of this process's environment but the path and where coverage goes; in its home unless told otherwise. */
export function startCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string | undefined = environment.PLUMBLINE_HOME,
): RunningCommand {
  const child = spawn(join(ROOT, "bin/plumbline"), args, {
    cwd,
    env: { PATH: process.env.PATH, NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  // A command that doesn't read its input.
  child.stdin.on("error", () => {});
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("exit", killWithUs);
      resolve({ code: signal ?? code ?? -1, stdout, stderr });
    });
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Runs `bin/plumbline` to its end, with the text or bytes as standard input. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: string | Uint8Array = "",
): Promise<Ended> {
  const { child, ended } = startCommand(args, environment);
  child.stdin.end(input);
  return ended;
}
