import type { Manifest } from "../../../src/models/manifest.ts";

/** One feature of each kind: number or category, required or optional. */
export const SMALL_MANIFEST: Manifest = {
  name: "small",
  version: "1",
  onnx: { file: "model.onnx", sha256: "0".repeat(64), input: "input", output: "probabilities" },
  features: [
    { name: "amount", type: "numeric", required: true, min: 0, max: 1_000, reason: { code: "S1", text: "Amount" } },
    { name: "dti", type: "numeric", required: false, min: -5, max: 5.5, reason: { code: "S2", text: "Obligations" } },
    {
      name: "purpose",
      type: "categorical",
      required: true,
      categories: ["car", "house"],
      reason: { code: "S3", text: "Purpose" },
    },
    {
      name: "housing",
      type: "categorical",
      required: false,
      categories: ["rent", "own", "none"],
      reason: { code: "S4", text: "Housing" },
    },
  ],
  policy: { approve_below: 0.1, decline_at_or_above: 0.3, risk_bands: { low_below: 0.05, high_at_or_above: 0.4 } },
};

/** A valid event for it. */
export function validEvent() {
  return {
    application_id: "A-1",
    submitted_at: "2026-01-31T12:00:00.000Z",
    features: { amount: 10, dti: 0.5, purpose: "car", housing: "own" } as Record<string, unknown>,
  };
}
