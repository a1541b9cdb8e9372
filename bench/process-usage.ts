import { readdirSync, readFileSync } from "node:fs";

/** The clock ticks of /proc are hundredths of a second on every Linux that matters. */
const TICKS_PER_SECOND = 100;

/** CPU seconds used so far by a process and all its descendants, ended ones included. */
export function cpuSeconds(pid: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statOf(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const ticksOfTree = (root: number): number =>
    (children.get(root) ?? []).reduce((sum, child) => sum + ticksOfTree(child), ticksOf(root));
  return ticksOfTree(pid) / TICKS_PER_SECOND;
}

/**
 * Begins to watch what is no business of ours: returns a function that says how many cores all other programs of the
 * machine have used on average since.
 */
export function watchOthers(): () => number {
  const others = () => machineSeconds() - cpuSeconds(process.pid);
  const [from, before] = [performance.now(), others()];
  return () => Math.max(0, ((others() - before) * 1000) / (performance.now() - from));
}

/** Resident memory of a process in MiB. */
export function residentMb(pid: number): number {
  const [, kib = "NaN"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

/** CPU seconds used by everybody since the machine started; "stolen" ones count, they were missing as well. */
function machineSeconds(): number {
  const [user, nice, system, , , irq, softIrq, stolen] = readFileSync("/proc/stat", "utf8")
    .split("\n", 1)[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (
    [user, nice, system, irq, softIrq, stolen].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS_PER_SECOND
  );
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
