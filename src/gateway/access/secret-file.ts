import { randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf, OperatorError } from "../../platform/errors.ts";
import { makeFolder } from "../../platform/make-folder.ts";

/** HS256 wants a key at least as long as its hash. */
export const SHORTEST_SECRET = 32;

/**
 * The secret that tokens of this home are signed with; made once, for the owner's eyes alone.
 * @throws OperatorError when it can't be made or read, or isn't one.
 */
export async function secretOf(home: string): Promise<Uint8Array> {
  const file = join(home, "gateway-secret");
  try {
    await makeFolder(resolve(home));
    const secret = (await readSecret(file)) ?? (await makeSecret(file));
    if (secret.length >= SHORTEST_SECRET) return Buffer.from(secret);
  } catch (error) {
    throw new OperatorError(
      `cannot read or make ${file}: ${messageOf(error)}. Set GATEWAY_JWT_SECRET, or make PLUMBLINE_HOME a folder that can be written.`,
      { cause: error },
    );
  }
  throw new OperatorError(
    `${file} holds fewer than ${SHORTEST_SECRET} characters. Delete it, and a new one is made; tokens have to be made again then.`,
  );
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written beside and linked, so that of two processes that start together one makes it and nobody reads half of it. */
async function makeSecret(file: string): Promise<string> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(file, "utf8")).trim();
}
