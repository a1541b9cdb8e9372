import { spawn } from "node:child_process";
import { messageOf } from "../errors.ts";

/** A system user to run a program as. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** `code` is the exit code, undefined when it could not be started or was killed; `output` what it printed, trimmed. */
export type ProgramResult = { readonly code: number | undefined; readonly output: string };

/**
 * Runs a program to its end (SIGKILL after `withinMs`), as `account` or else as this process's user. It has a process
 * group of its own, so that Ctrl-C can't leave half an initdb or half a package, and starts in "/", which every
 * account can enter.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { withinMs, account }: { withinMs: number; account?: Account | undefined },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: "/",
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
    const finish = (code: number | undefined, fault = "") => {
      clearTimeout(timer);
      resolve({ code, output: (Buffer.concat(chunks).toString("utf8") + fault).trim() });
    };
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (error) => finish(undefined, messageOf(error)));
    child.once("close", (code, signal) => finish(code ?? undefined, signal === null ? "" : `\nended by ${signal}`));
  });
}
