import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { makeAside } from "./make-aside.ts";
import { type Account, runProgram } from "./run-program.ts";
import { writing } from "./state-folder.ts";

export const SUPERUSER = "plumbline";

/**
 * Makes a cluster (`folder`/data, and `folder`/password for its superuser plumbline) unless there is one, and returns
 * the password. It is kept beside the data, not with the files that come and go: the one is no use without the other.
 */
export async function createCluster(
  folder: string,
  binaries: string,
  account: Account | undefined,
  log: Logger,
): Promise<string> {
  const passwordFile = join(folder, "password");
  if (!existsSync(passwordFile)) {
    log.info({ folder }, "making a new database");
    await makeAside(folder, (partial) => fill(partial, binaries, account));
  }
  return writing(passwordFile, () => readFile(passwordFile, "utf8"));
}

async function fill(folder: string, binaries: string, account: Account | undefined): Promise<void> {
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString("hex"), { mode: 0o600 });
  if (account !== undefined) {
    await chown(data, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const { code, output } = await runProgram(
    join(binaries, "initdb"),
    [
      ...["-D", data, "--username", SUPERUSER, "--pwfile", passwordFile, "--auth=scram-sha-256", "--encoding=UTF8"],
      // PostgreSQL's own C.UTF-8: sorts the same on every machine, whatever locales and C library it has.
      ...["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
    ],
    { withinMs: 120_000, account },
  );
  if (code !== 0) {
    const reason = output.split("\n").slice(-10).join("\n");
    throw new OperatorError(`PostgreSQL could not make its data folder ${data}:\n${reason}`);
  }
}
