import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../errors.ts";
import { isRunning, nameProcess, ownIdentity, type ProcessIdentity, parseProcessName } from "./process-identity.ts";
import { openStateFolder, writing } from "./state-folder.ts";

const PREFIX = "lock-";
const ATTEMPTS = 6;

export type HomeLock = { release(): Promise<void> };

/**
 * Takes a state folder for this process alone. OperatorError with the holder's pid when another live process has it;
 * a holder that was killed doesn't count.
 *
 * Every contender writes a file named by its pid and start time, then looks for files of other live processes. Two at
 * the same moment both see each other, both step back, and try again after a random pause. So there never are two
 * holders, and a dead holder's file is just ignored: no takeover that could race.
 */
export async function lockHome(home: string): Promise<HomeLock> {
  const { home: path, run } = await openStateFolder(home);
  const self = ownIdentity();
  const file = join(run, `${PREFIX}${nameProcess(self)}`);

  for (let attempt = 1; ; attempt++) {
    const held = await writing(run, () => createFile(file));
    const other = held ? await findOther(run, self) : self;
    if (other === undefined) return { release: () => rm(file, { force: true }) };
    if (held) await rm(file, { force: true });
    if (!held || attempt === ATTEMPTS) {
      throw new OperatorError(
        `another plumbline (pid ${other.pid}) uses ${path}: stop it first, or choose another state folder.`,
      );
    }
    await sleep(10 + Math.random() * 50);
  }
}

/** False when the file is there already: then this very process holds the lock. */
async function createFile(file: string): Promise<boolean> {
  try {
    await writeFile(file, "", { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function findOther(run: string, self: ProcessIdentity): Promise<ProcessIdentity | undefined> {
  for (const name of await readdir(run)) {
    const other = name.startsWith(PREFIX) ? parseProcessName(name) : undefined;
    if (other === undefined || other.pid === self.pid) continue;
    if (isRunning(other)) return other;
    await rm(join(run, name), { force: true });
  }
  return undefined;
}
