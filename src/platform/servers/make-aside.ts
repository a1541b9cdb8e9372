import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isRunning, nameProcess, ownIdentity, parseProcessName } from "./process-identity.ts";
import { writing } from "./state-folder.ts";

let made = 0;

/**
 * Makes a folder so that it is either complete or not there: `fill` gets an empty folder (mode 0755) beside it, which
 * is renamed when it is done. What a killed process left half made is removed. OperatorError when it can't be written,
 * or when a folder with something in it is there already (another process may have been faster).
 */
export async function makeAside(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  const [parent, prefix] = [dirname(folder), `${basename(folder)}.new-`];
  await writing(folder, async () => {
    for (const name of await readdir(parent)) {
      const maker = name.startsWith(prefix) ? parseProcessName(name) : undefined;
      if (maker !== undefined && !isRunning(maker)) await remove(join(parent, name));
    }
    const partial = join(parent, `${prefix}${made++}-${nameProcess(ownIdentity())}`);
    try {
      await mkdir(partial);
      // Not given to mkdir, because the umask would cut it, and another account may have to enter.
      await chmod(partial, 0o755);
      await fill(partial);
      await rename(partial, folder);
    } finally {
      await remove(partial);
    }
  });
}

function remove(folder: string): Promise<void> {
  // Retried, because a process that outlived its maker may still write there.
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
