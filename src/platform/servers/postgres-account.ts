import { stat } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { type Account, runProgram } from "./run-program.ts";

const NAME = "postgres";
const COMMAND = { withinMs: 10_000 };

/**
 * Who PostgreSQL runs as: undefined means this process's own user. PostgreSQL refuses to run as root, so root hands it
 * to the owner of the data if there is data (`folder`/data), else to the system user postgres, made when it is absent.
 */
export async function postgresAccount(folder: string, log: Logger): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(join(folder, "data")).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const existing = await lookUp();
  if (existing !== undefined) return existing;
  let made = await useradd();
  // Without this it is refused where the group is left from an earlier installation.
  if (made.code !== 0) made = await useradd("--gid", NAME);
  // Looked up even when that failed: another plumbline may have made it at the same moment.
  const account = await lookUp();
  if (account === undefined) {
    throw new OperatorError(
      `PostgreSQL doesn't run as root, and the system user ${NAME} could not be made (${made.output}): ` +
        `make it with "useradd --system ${NAME}", or run plumbline as another user than root.`,
    );
  }
  log.warn(`made the system user ${NAME}, because PostgreSQL doesn't run as root`);
  return account;
}

/** Whether the account can enter the folder, and with it every folder above. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  return (await runProgram("test", ["-x", folder], { ...COMMAND, account })).code === 0;
}

function useradd(...more: string[]) {
  const args = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ...more, NAME];
  return runProgram("useradd", args, COMMAND);
}

async function lookUp(): Promise<Account | undefined> {
  const [uid, gid] = await Promise.all(["-u", "-g"].map((option) => runProgram("id", [option, NAME], COMMAND)));
  return uid?.code === 0 && gid?.code === 0
    ? { name: NAME, uid: Number(uid.output), gid: Number(gid.output) }
    : undefined;
}
