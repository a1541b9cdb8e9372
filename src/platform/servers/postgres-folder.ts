import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, realpath, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { canEnter } from "./postgres-account.ts";
import type { Account } from "./run-program.ts";
import { writing } from "./state-folder.ts";

/** For what the account that root hands PostgreSQL to could not reach elsewhere. */
const SHARED = "/var/lib/plumbline";

/**
 * Where the cluster is, or shall be made: `home`/postgres. When the account can't enter the home (in root's own folder,
 * say), a folder of /var/lib/plumbline named by the home's hash, and `home`/postgres is a link to it.
 */
export async function placeCluster(home: string, account: Account | undefined, log: Logger): Promise<string> {
  const inHome = join(home, "postgres");
  if (account === undefined) return inHome;
  const existing = await realpath(inHome).catch(() => undefined);
  if (existing !== undefined) {
    if (await canEnter(account, existing)) return existing;
    throw new OperatorError(
      `PostgreSQL runs as user ${account.name}, who can't enter ${existing}: ` +
        "allow it on every folder above (chmod o+x), or choose another state folder.",
    );
  }
  await letThrough(home, account);
  if (await canEnter(account, home)) return inHome;

  const shared = join(await openSharedFolder(), createHash("sha256").update(home).digest("hex").slice(0, 16));
  await writing(shared, async () => {
    // The home was deleted and is made anew, so its data shall not come back; but nobody asked to delete them either.
    if (existsSync(shared)) {
      const aside = `${shared}.old-${Date.now()}`;
      await rename(shared, aside);
      log.warn({ folder: aside }, "set aside the database of a state folder that was deleted; remove it if not needed");
    }
    // Linked before it is made: a start that dies in between finds a dangling link, and begins again here.
    await rm(inHome, { force: true });
    await symlink(shared, inHome);
  });
  log.info({ folder: shared }, `the database is kept outside ${home}, which user ${account.name} can't enter`);
  return shared;
}

/** A home that root made for itself alone (its umask, say) is opened to the account's group, to pass and not to read. */
async function letThrough(home: string, account: Account): Promise<void> {
  const { uid, mode } = await stat(home);
  if (uid !== 0 || (mode & 0o077) !== 0) return;
  await chown(home, uid, account.gid);
  await chmod(home, 0o710);
}

/** Makes /var/lib/plumbline, which everybody may enter and only root writes. */
export async function openSharedFolder(): Promise<string> {
  return writing(SHARED, async () => {
    await mkdir(SHARED, { recursive: true });
    // Whatever the umask is.
    await chmod(SHARED, 0o755);
    return SHARED;
  });
}
