import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { withSecretFiles } from "../../../src/platform/secret-files.ts";

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-secret-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "secret"), text);
  return join(folder, "secret");
}

test("a secret is read from the file that its variable with _FILE names", async () => {
  const path = await fileWith("nats://scorer:one@nats:4222\n");
  const source = { NATS_URL_FILE: path, NATS_URL: "", DATABASE_URL: "postgres://x", OTHER_FILE: "/nowhere" };
  expect(withSecretFiles(["NATS_URL", "DATABASE_URL"], source)).toEqual({
    ...source,
    NATS_URL: "nats://scorer:one@nats:4222",
  });
});

test("all faults are reported together, and no secret with them", async () => {
  const [full, empty] = [await fileWith("hush"), await fileWith(" \n")];
  const source = { A: "hush", A_FILE: full, B_FILE: empty, C_FILE: "/nowhere/c" };
  expect(() => withSecretFiles(["A", "B", "C"], source)).toThrow(
    `the environment is not right: A and A_FILE are both set, unset one; ${empty}, which B_FILE names, is empty; /nowhere/c, which C_FILE names, can't be read: there is no such file or folder`,
  );
});
