import { readdirSync, readFileSync } from "node:fs";

/** The clock ticks of /proc are hundredths of a second on every Linux that matters. */
const TICKS_PER_SECOND = 100;

/** CPU seconds used so far by a process, its running children and those it has waited for. */
export function cpuSeconds(pid: number): number {
  const ticks = [pid, ...childrenOf(pid)].reduce((sum, id) => sum + ticksOf(id), 0);
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory of a process in MiB. */
export function residentMb(pid: number): number {
  const [, kib = "NaN"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(statOf(pid)?.[1]) === parent);
}

/** User and system time, with that of children that were waited for. */
function ticksOf(pid: number): number {
  return (statOf(pid)?.slice(11, 15) ?? []).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** The fields of /proc/<pid>/stat from the third on; undefined when the process has ended. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
