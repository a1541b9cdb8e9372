import { readFileSync } from "node:fs";
import { OperatorError } from "../errors.ts";

/** A process, told apart from a later one that got the same pid by the moment it started. */
export type ProcessIdentity = { readonly pid: number; readonly started: string };

/**
 * Identifies a running process from /proc; undefined when there is none, or only a zombie that nobody has reaped (as
 * happens to orphans in a container whose first process doesn't wait for them). `started` is the boot's id and ticks
 * since then, like 1f0c2a9b-48213.
 */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name in parentheses, may hold blanks and parentheses of its own.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Field 22, ticks since boot. The boot's id keeps a file from before a reboot from matching by chance.
    const ticks = rest[18];
    if (state === "Z" || state === "X" || ticks === undefined) return undefined;
    return { pid, started: `${bootId()}-${ticks}` };
  } catch {
    return undefined;
  }
}

export function isRunning(process: ProcessIdentity): boolean {
  return identifyProcess(process.pid)?.started === process.started;
}

/** This process. OperatorError where there is no /proc, which the embedded servers can't do without. */
export function ownIdentity(): ProcessIdentity {
  const self = identifyProcess(process.pid);
  if (self === undefined) throw new OperatorError("servers of its own are something plumbline has on Linux only.");
  return self;
}

/** The end of a file name that says whose file it is. */
export function nameProcess({ pid, started }: ProcessIdentity): string {
  return `${pid}-${started}`;
}

/** The process that a file name ends with; undefined when it ends with none. */
export function parseProcessName(fileName: string): ProcessIdentity | undefined {
  const match = /-(\d+)-([0-9a-f]{8}-\d+)$/.exec(fileName);
  return match === null ? undefined : { pid: Number(match[1]), started: match[2]! };
}

/** The command line of a process, program first; empty when there is no such process. */
export function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
}
