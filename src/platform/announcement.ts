import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf, OperatorError } from "./errors.ts";
import { makeFolder } from "./make-folder.ts";
import { identifyProcess } from "./servers/process-identity.ts";

/**
 * Announces a running process in `<home>/run/<role>-<pid>.json`, or announces more of it; returns how to take the
 * announcement back. Written beside and renamed, so that nobody reads half a file.
 */
export async function announce(
  home: string,
  role: string,
  url: string,
  more: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const folder = join(home, "run");
  const file = join(folder, `${role}-${process.pid}.json`);
  try {
    await makeFolder(resolve(folder));
    await forgetDead(folder, role);
    await writeFile(`${file}.new`, JSON.stringify({ role, pid: process.pid, url, ...more }));
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new OperatorError(
      `cannot write ${file}: ${messageOf(error)}. Make PLUMBLINE_HOME a folder that can be written.`,
      {
        cause: error,
      },
    );
  }
  return () => rm(file, { force: true });
}

/** Takes back the announcements of processes that were killed and couldn't do it themselves. */
async function forgetDead(folder: string, role: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = new RegExp(`^${role}-(\\d+)\\.json$`).exec(name)?.[1];
    if (pid !== undefined && identifyProcess(Number(pid)) === undefined) await rm(join(folder, name), { force: true });
  }
}
