import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../../src/platform/make-folder.ts";

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-folder-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("folders are made with those above them, once and by many at a time", async () => {
  const folder = join(await emptyFolder(), "a/b/c");
  await Promise.all([1, 2, 3].map(() => makeFolder(folder)));
  await makeFolder(folder);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

test("a file in the way, and a file system without folders, are faults and not endless", async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, "file"), "");
  await expect(makeFolder(join(folder, "file"))).rejects.toThrow(/EEXIST/);
  await expect(makeFolder(join(folder, "file/below"))).rejects.toThrow();
  await expect(makeFolder("/proc/plumbline/run")).rejects.toThrow(/ENOENT/);
});
