import { mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/** With the machine's name: others may share the folder for temporary files, and have processes of the same number. */
const PREFIX = `plumbline-uploads-${hostname()}-`;

/**
 * Makes a folder that nobody else reads, for files of applications while they are worked on, and removes those that gateways
 * of this machine have left behind when they were killed.
 */
export async function makeUploadFolder(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? /^(\d+)-/.exec(name.slice(PREFIX.length))?.[1] : undefined;
    // One that isn't ours to remove stays.
    if (pid !== undefined && !runs(Number(pid))) await rm(join(tmpdir(), name), { recursive: true }).catch(() => {});
  }
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
