import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf, OperatorError } from "../errors.ts";
import { makeFolder } from "../make-folder.ts";

/** The state folder's absolute path without symbolic links, and the folders in it that every server uses. */
export type StateFolder = { readonly home: string; readonly run: string; readonly log: string };

/** Makes the state folder where it is missing. OperatorError when it can't be written. */
export async function openStateFolder(home: string): Promise<StateFolder> {
  return writing(home, async () => {
    await makeFolder(resolve(home));
    // One home has one name, whatever way it was reached: command lines are compared by it.
    const real = await realpath(home);
    const folder = { home: real, run: join(real, "run"), log: join(real, "log") };
    await makeFolder(folder.run);
    await makeFolder(folder.log);
    return folder;
  });
}

const REMEDIES: Record<string, string> = {
  ENOSPC: "the disk is full: make room on it",
  EDQUOT: "the disk quota is used up: make room",
  EROFS: "the file system is read-only: choose a state folder on another one",
  ENOENT: "no folder can be made there: choose another state folder",
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
