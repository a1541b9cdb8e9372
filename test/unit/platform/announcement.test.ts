import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../../../src/platform/announcement.ts";
import { OperatorError } from "../../../src/platform/errors.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-announcement-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("an announcement", () => {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, "run", name), "utf8")) as unknown;

  it("is a file with role, pid and address, until it is taken back", async () => {
    const forget = await announce(folder, "scorer", "http://127.0.0.1:1");
    expect(await readdir(join(folder, "run"))).toEqual([`scorer-${process.pid}.json`]);
    const expected = { role: "scorer", pid: process.pid, url: "http://127.0.0.1:1" };
    expect(await read(`scorer-${process.pid}.json`)).toEqual(expected);
    await forget();
    await forget();
    expect(await readdir(join(folder, "run"))).toEqual([]);
  });

  it("removes those of the same role whose processes are gone, and no other", async () => {
    const { pid: gone } = spawnSync("true");
    await mkdir(join(folder, "run"));
    const kept = [`drift-${gone}.json`, `scorer-${process.ppid}.json`, "scorer-x.json", "servers.json"];
    for (const name of [...kept, `scorer-${gone}.json`]) await writeFile(join(folder, "run", name), "{}");
    await announce(folder, "scorer", "http://127.0.0.1:1");
    const expected = [...kept, `scorer-${process.pid}.json`].sort();
    expect((await readdir(join(folder, "run"))).sort()).toEqual(expected);
  });

  it("that can't be made says what to do", async () => {
    await writeFile(join(folder, "run"), "a file in the way");
    const refused = announce(folder, "scorer", "http://127.0.0.1:1");
    await expect(refused).rejects.toThrow(OperatorError);
    await expect(refused).rejects.toThrow(/^cannot write .*Make PLUMBLINE_HOME a folder that can be written\.$/);
  });
});
