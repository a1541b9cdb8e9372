import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, OperatorError } from "../errors.ts";

/** The state folder's absolute path without symbolic links, and the folders in it that every server uses. */
export type StateFolder = { readonly home: string; readonly run: string; readonly log: string };

/** Makes the state folder where it is missing. OperatorError when it can't be written. */
export async function openStateFolder(home: string): Promise<StateFolder> {
  return writing(home, async () => {
    await mkdir(home, { recursive: true });
    // One home has one name, whatever way it was reached: command lines are compared by it.
    const real = await realpath(home);
    const folder = { home: real, run: join(real, "run"), log: join(real, "log") };
    await mkdir(folder.run, { recursive: true });
    await mkdir(folder.log, { recursive: true });
    return folder;
  });
}

const REMEDIES: Record<string, string> = {
  ENOSPC: "the disk is full: make room on it",
  EDQUOT: "the disk quota is used up: make room",
  EROFS: "the file system is read-only: choose a state folder on another one",
  EACCES: "this user may not write there: change the owner, or choose another state folder",
  EPERM: "this user may not write there: change the owner, or choose another state folder",
  EEXIST: "a file is in the way: move it, or choose another state folder",
  ENOTEMPTY: "another folder is in the way: move it, or choose another state folder",
  ENOTDIR: "a file is in the way: move it, or choose another state folder",
};

/** Runs something that writes at `path`, and turns what the file system refuses into an OperatorError. */
export async function writing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const remedy = REMEDIES[(error as NodeJS.ErrnoException).code ?? ""];
    if (remedy === undefined) throw error;
    throw new OperatorError(`can't write to ${path}: ${remedy} (${messageOf(error)}).`, { cause: error });
  }
}
