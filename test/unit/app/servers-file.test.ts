import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Environment, VARIABLES } from "../../../src/app/environment.ts";
import { databaseAddress, natsAddress, removeServersFile, writeServersFile } from "../../../src/app/servers-file.ts";
import { UsageError } from "../../../src/platform/errors.ts";
import { readVariables } from "../../../src/platform/variables.ts";

const ADDRESSES = { natsUrl: "nats://127.0.0.1:1", databaseUrl: "postgres://u:p@127.0.0.1:2/db" };
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-addresses-"));
  await mkdir(join(home, "run"));
});
afterEach(() => rm(home, { recursive: true }));

function environment(more: Readonly<Record<string, string>> = {}): Environment {
  return readVariables(VARIABLES, { PLUMBLINE_HOME: home, ...more });
}

describe("the servers' addresses", () => {
  it("are those that were written, readable by nobody else, and gone when removed", async () => {
    await writeServersFile(home, ADDRESSES);
    expect(await readdir(join(home, "run"))).toEqual(["servers.json"]);
    expect((await stat(join(home, "run/servers.json"))).mode & 0o777).toBe(0o600);
    expect(await natsAddress(environment())).toBe(ADDRESSES.natsUrl);
    expect(await databaseAddress(environment())).toBe(ADDRESSES.databaseUrl);
    await removeServersFile(home);
    expect(await readdir(join(home, "run"))).toEqual([]);
    await removeServersFile(home);
  });

  it("are those of the environment where it has them, each by itself", async () => {
    await writeServersFile(home, ADDRESSES);
    const mixed = environment({ DATABASE_URL: "postgres://other/db" });
    expect(await databaseAddress(mixed)).toBe("postgres://other/db");
    expect(await natsAddress(mixed)).toBe(ADDRESSES.natsUrl);
  });

  it("are asked for in a sentence when there are none", async () => {
    for (const content of [undefined, "", "{"]) {
      if (content !== undefined) await writeFile(join(home, "run/servers.json"), content);
      await expect(natsAddress(environment())).rejects.toThrow(
        new UsageError(
          `NATS_URL is not set, and no \`plumbline up\` runs in ${home}. Set NATS_URL, or start \`plumbline up\` first.`,
        ),
      );
      await expect(databaseAddress(environment())).rejects.toThrow(/^DATABASE_URL is not set/);
    }
  });
});
