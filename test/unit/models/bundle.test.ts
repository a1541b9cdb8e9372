import { execFileSync } from "node:child_process";
import { appendFile, copyFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBundle } from "../../../src/models/bundle.ts";
import { OperatorError } from "../../../src/platform/errors.ts";

const SHIPPED = fileURLToPath(new URL("../../../models/lendingclub", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plumbline-bundle-"));
  await cp(SHIPPED, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** The contract's definition, in another language: SHA-256 over the sorted lines `name\0sha256\n`. */
function hashByShell(of: string): string {
  const script = `export LC_ALL=C; cd "$1" && for name in *; do
    printf '%s\\000%s\\n' "$name" "$(sha256sum < "$name" | cut -d' ' -f1)"; done | sha256sum | cut -d' ' -f1`;
  return execFileSync("sh", ["-c", script, "sh", of], { encoding: "utf8" }).trim();
}

describe("a model bundle", () => {
  it("has the contract's hash, over every file in it", async () => {
    const shipped = await readBundle(SHIPPED);
    expect(shipped.sha256).toBe(hashByShell(SHIPPED));
    expect((await readBundle(folder)).sha256).toBe(shipped.sha256);
    await writeFile(join(folder, "a note.txt"), "x");
    await writeFile(join(folder, "model"), "y");
    const other = await readBundle(folder);
    expect(other.sha256).toBe(hashByShell(folder));
    expect(other.sha256).not.toBe(shipped.sha256);
  });

  it("comes with its manifest and the typical value of each feature", async () => {
    const { manifest, typicalValues, modelFile } = await readBundle(folder);
    expect(manifest).toMatchObject({ name: "lendingclub", version: "1" });
    expect(typicalValues).toHaveLength(manifest.features.length);
    expect(modelFile).toBe(join(folder, "model.onnx"));
  });

  it("is refused when the model isn't the one that the manifest names", async () => {
    await appendFile(join(folder, "model.onnx"), "x");
    await expect(readBundle(folder)).rejects.toThrow(
      new OperatorError(
        `${folder}/model.onnx is not the model that manifest.json names: its SHA-256 differs. Restore the bundle.`,
      ),
    );
  });

  it.each(["manifest.json", "model.onnx", "reference.json"])("is refused without %s", async (name) => {
    await rm(join(folder, name));
    await expect(readBundle(folder)).rejects.toThrow(new OperatorError(`the model bundle ${folder} has no ${name}`));
  });

  it("is refused when it isn't there, or what is in it isn't all files", async () => {
    const missing = readBundle(`${folder}/none`);
    await expect(missing).rejects.toThrow(OperatorError);
    await expect(missing).rejects.toThrow(
      `cannot read the model bundle ${folder}/none: there is no such file or folder. Set SCORER_BUNDLE to `,
    );
    await expect(readBundle(join(folder, "model.onnx"))).rejects.toThrow(/^cannot read the model bundle/);
    await mkdir(join(folder, "more"));
    await expect(readBundle(folder)).rejects.toThrow(`cannot read ${folder}/more`);
  });

  it("is refused when its manifest or its profile is another's", async () => {
    await copyFile(join(folder, "reference.json"), join(folder, "manifest.json"));
    await expect(readBundle(folder)).rejects.toThrow(`${folder}/manifest.json is not a model manifest`);
    await copyFile(join(SHIPPED, "manifest.json"), join(folder, "manifest.json"));
    await writeFile(join(folder, "reference.json"), "{}");
    await expect(readBundle(folder)).rejects.toThrow(
      `${folder}/reference.json is not a reference profile: it must have required property 'format'`,
    );
  });
});
