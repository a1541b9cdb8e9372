import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import { OperatorError } from "../platform/errors.ts";
import { fileFault } from "../platform/file-fault.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import { parseReferenceProfile } from "./parse-reference-profile.ts";
import { type TypicalValues, typicalValuesOf } from "./typical-values.ts";

/** An immutable model bundle: a folder with model.onnx, manifest.json and reference.json. */
export type Bundle = {
  readonly folder: string;
  readonly modelFile: string;
  readonly manifest: Manifest;
  readonly manifestText: string;
  readonly reference: ReferenceProfile;
  readonly typicalValues: TypicalValues;
  /** SHA-256 over the sorted lines `name\0sha256\n` of its files, in hex. */
  readonly sha256: string;
};

/**
 * Reads a bundle and checks the model against the hash in the manifest.
 * @throws OperatorError naming the file and what is wrong with it.
 */
export async function readBundle(folder: string): Promise<Bundle> {
  const modelFile = join(folder, "model.onnx");
  const names = (await reading(`the model bundle ${folder}`, () => readdir(folder))).sort();
  const hashes = new Map<string, string>();
  for (const name of names) {
    const path = join(folder, name);
    hashes.set(name, hash(await reading(path, () => readFile(path))));
  }
  for (const needed of ["manifest.json", "model.onnx", "reference.json"]) {
    if (!hashes.has(needed)) throw new OperatorError(`the model bundle ${folder} has no ${needed}`);
  }
  const manifestText = await readFile(join(folder, "manifest.json"), "utf8");
  const manifest = parseManifest(manifestText, join(folder, "manifest.json"));
  if (hashes.get("model.onnx") !== manifest.onnx.sha256) {
    throw new OperatorError(
      `${modelFile} is not the model that manifest.json names: its SHA-256 differs. Restore the bundle.`,
    );
  }
  const referenceFile = join(folder, "reference.json");
  const reference = parseReferenceProfile(await readFile(referenceFile, "utf8"), referenceFile, manifest);
  return {
    folder,
    modelFile,
    manifest,
    manifestText,
    reference,
    typicalValues: typicalValuesOf(reference, manifest.features, referenceFile),
    sha256: hash(names.map((name) => `${name}\0${hashes.get(name)}\n`).join("")),
  };
}

async function reading<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new OperatorError(
      `cannot read ${what}: ${fileFault(error)}. Set SCORER_BUNDLE to a folder with model.onnx, manifest.json and reference.json.`,
      { cause: error },
    );
  }
}

function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
