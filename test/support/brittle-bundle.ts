import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { buildReferenceProfile } from "../../src/statistics/build-reference-profile.ts";
import { formatReferenceProfile } from "../../src/statistics/format-reference-profile.ts";
import { writeModel } from "./onnx-writer.ts";

/** The model fails on an `amount` above this; its whole batch with it. */
export const BREAKING_AMOUNT = 1_000;

/**
 * A bundle whose model looks the probability up in a table of two, by whether `risk` is above a half; an `amount` above
 * the limit makes the index point outside the table, over which ONNX Runtime's run() fails.
 */
export async function writeBrittleBundle(folder: string, version = "1", table = [0.05, 0.4]): Promise<void> {
  const model = writeModel({
    input: "input",
    width: 2,
    output: "probability",
    nodes: [
      { op: "Gather", inputs: ["input", "first"], output: "amount", integers: { axis: 1 } },
      { op: "Gather", inputs: ["input", "second"], output: "risk", integers: { axis: 1 } },
      { op: "Greater", inputs: ["amount", "limit"], output: "breaks" },
      { op: "Greater", inputs: ["risk", "half"], output: "isRisky" },
      { op: "Cast", inputs: ["breaks"], output: "breaksIndex", integers: { to: 7 } },
      { op: "Cast", inputs: ["isRisky"], output: "riskIndex", integers: { to: 7 } },
      { op: "Mul", inputs: ["breaksIndex", "outside"], output: "outsideIndex" },
      { op: "Add", inputs: ["riskIndex", "outsideIndex"], output: "index" },
      { op: "Gather", inputs: ["table", "index"], output: "probability", integers: { axis: 0 } },
    ],
    constants: [
      { name: "first", shape: [], integers: [0] },
      { name: "second", shape: [], integers: [1] },
      { name: "limit", shape: [], floats: [BREAKING_AMOUNT] },
      { name: "half", shape: [], floats: [0.5] },
      { name: "outside", shape: [], integers: [2] },
      { name: "table", shape: [2], floats: table },
    ],
  });
  const feature = (name: string, code: string, max: number) => ({
    ...{ name, type: "numeric" as const, required: true, min: 0, max },
    reason: { code, text: `The ${name} is high` },
  });
  const manifest = {
    name: "brittle",
    version,
    onnx: {
      file: "model.onnx",
      sha256: createHash("sha256").update(model).digest("hex"),
      input: "input",
      output: "probability",
    },
    features: [feature("amount", "B01", 1_000_000), feature("risk", "B02", 1)],
    policy: { approve_below: 0.1, decline_at_or_above: 0.3, risk_bands: { low_below: 0.1, high_at_or_above: 0.3 } },
  };
  const reference = buildReferenceProfile({
    model: manifest,
    features: manifest.features,
    applications: [{ submitted_at: "2026-01-31T12:00:00.000Z", features: { amount: 500, risk: 0.2 } }],
    thresholds: manifest.policy,
    sources: {},
  });
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/model.onnx`, model);
  await writeFile(`${folder}/manifest.json`, JSON.stringify(manifest));
  await writeFile(`${folder}/reference.json`, formatReferenceProfile(reference));
}

/** An application for the model. */
export function brittleApplication(id: string, features: { amount: number; risk: number }): string {
  return JSON.stringify({ application_id: id, submitted_at: "2026-01-31T12:00:00.000Z", features });
}
