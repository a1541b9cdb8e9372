import { readdirSync, readFileSync } from "node:fs";

/** The running processes that a process has started, from /proc. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    return pid > 0 && parentOf(pid) === parent ? [pid] : [];
  });
}

/** Undefined for a process that has ended, reaped or not. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name in parentheses may hold blanks and parentheses of its own.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

/** SIGKILL; fine when the process has ended already. */
export function killAtOnce(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
