import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../platform/errors.ts";
import type { Environment } from "./environment.ts";

/** Where the servers are that everything on this machine talks to. */
export type ServerAddresses = { readonly natsUrl: string; readonly databaseUrl: string };

function fileIn(home: string): string {
  return join(home, "run", "servers.json");
}

/** Written by `plumbline up`, so that other commands in the same home find its servers; holds a password, so 0600. */
export async function writeServersFile(home: string, addresses: ServerAddresses): Promise<void> {
  const file = fileIn(home);
  await writeFile(`${file}.new`, JSON.stringify(addresses), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function removeServersFile(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}

/** The broker's address: NATS_URL, else the server that `plumbline up` started. @throws UsageError when there is none. */
export async function natsAddress(environment: Environment): Promise<string> {
  return environment.NATS_URL ?? (await embedded(environment, "NATS_URL")).natsUrl;
}

/** The database's address, likewise. */
export async function databaseAddress(environment: Environment): Promise<string> {
  return environment.DATABASE_URL ?? (await embedded(environment, "DATABASE_URL")).databaseUrl;
}

async function embedded({ PLUMBLINE_HOME }: Environment, variable: string): Promise<ServerAddresses> {
  try {
    return JSON.parse(await readFile(fileIn(PLUMBLINE_HOME), "utf8")) as ServerAddresses;
  } catch (error) {
    throw new UsageError(
      `${variable} is not set, and no \`plumbline up\` runs in ${PLUMBLINE_HOME}. Set ${variable}, or start \`plumbline up\` first.`,
      { cause: error },
    );
  }
}
