import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSeededRandom, type SeededRandom } from "../../src/ingest/seeded-random.ts";
import { buildReferenceProfile } from "../../src/statistics/build-reference-profile.ts";
import { formatReferenceProfile } from "../../src/statistics/format-reference-profile.ts";
import { type Bodies, bodyOf } from "../applications.ts";
import { type TreeNode, writeTreeEnsemble } from "./tree-ensemble.ts";

/** A made-up model of the width that banks use. It predicts nothing; it costs what a real one of its size costs. */
export const WIDE_FEATURES = 189;
const TREES = 200;
const DEPTH = 5;
const SEED = 189;
const TYPICAL = 0.5;
/** So that about one application in eight is declined, as with the real model. */
const BASE = -1.9;
const LEAF_DEVIATION = 0.055;

const NAMES = Array.from({ length: WIDE_FEATURES }, (_, index) => `feature_${String(index + 1).padStart(3, "0")}`);

/** Writes the model's bundle into the folder. */
export async function writeWideBundle(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = createSeededRandom(SEED);
  const model = writeTreeEnsemble(
    Array.from({ length: TREES }, () => randomTree(random, DEPTH)),
    WIDE_FEATURES,
    BASE,
  );
  const features = NAMES.map((name, index) => {
    const reason = { code: `W${index + 1}`, text: `Value of ${name} is unfavourable` };
    return { name, type: "numeric" as const, required: false, reason, min: 0, max: 1 };
  });
  const onnx = {
    file: "model.onnx",
    sha256: createHash("sha256").update(model).digest("hex"),
    input: "input",
    output: "probability",
  };
  const risk_bands = { low_below: 0.12, high_at_or_above: 0.25 };
  const policy = { approve_below: 0.12, decline_at_or_above: 0.25, risk_bands };
  const manifest = { name: "wide", version: "1", onnx, features, policy };
  const typical = Object.fromEntries(NAMES.map((name) => [name, TYPICAL]));
  const reference = buildReferenceProfile({
    model: manifest,
    features,
    applications: [{ submitted_at: "2026-01-31T12:00:00.000Z", features: typical }],
    thresholds: policy,
    sources: {},
  });
  await writeFile(join(folder, "model.onnx"), model);
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "reference.json"), formatReferenceProfile(reference));
}

/** Applications for it: half of the features have their typical value, as in real loan books, and some are missing. */
export function wideBodies(count: number): Bodies {
  const random = createSeededRandom(SEED + 1);
  return Array.from({ length: count }, () => {
    const features = Object.fromEntries(
      NAMES.flatMap((name) => {
        const chance = random.uniform();
        if (chance < 0.05) return [];
        return [[name, chance < 0.5 ? TYPICAL : Math.round(random.uniform() * 1_000) / 1_000]];
      }),
    );
    return bodyOf({ application_id: "", submitted_at: "2026-01-31T12:00:00.000Z", features });
  });
}

function randomTree(random: SeededRandom, depth: number): TreeNode {
  if (depth === 0) return { weight: random.normal() * LEAF_DEVIATION };
  return {
    feature: Math.floor(random.uniform() * WIDE_FEATURES),
    threshold: random.uniform(),
    below: randomTree(random, depth - 1),
    above: randomTree(random, depth - 1),
    missingGoesBelow: random.uniform() < 0.5,
  };
}
