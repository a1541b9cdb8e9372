import { Ajv } from "ajv";
import { OperatorError } from "../platform/errors.ts";
import { OWN_SCHEMA } from "../platform/own-schema.ts";

/** What a model is fed and how its answer is used: manifest.json of a bundle. */

type FeatureBase = {
  readonly name: string;
  readonly required: boolean;
  readonly reason: { readonly code: string; readonly text: string };
  readonly importance?: number;
};
type NumericFeature = FeatureBase & {
  readonly type: "numeric";
  /** A number outside is scored as missing and counted. */
  readonly min: number;
  readonly max: number;
};
type CategoricalFeature = FeatureBase & {
  readonly type: "categorical";
  /** The model's input is the index in this list. */
  readonly categories: readonly string[];
};
export type Feature = NumericFeature | CategoricalFeature;

export type PolicyThresholds = {
  readonly approve_below: number;
  readonly decline_at_or_above: number;
  readonly risk_bands: { readonly low_below: number; readonly high_at_or_above: number };
};

export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly onnx: {
    readonly file: string;
    readonly sha256: string;
    readonly input: string;
    readonly output: string;
    /** Which column is the probability of default, when the output has two. */
    readonly positive_class?: number;
  };
  readonly features: readonly Feature[];
  readonly policy: PolicyThresholds;
};

const NAME = { type: "string", pattern: "^[A-Za-z0-9_.-]{1,64}$" };
const PROBABILITY = { type: "number", minimum: 0, maximum: 1 };
const FEATURE_BASE = {
  name: { type: "string", pattern: "^[A-Za-z0-9_]{1,64}$" },
  required: { type: "boolean" },
  reason: {
    type: "object",
    required: ["code", "text"],
    properties: { code: { type: "string", minLength: 1 }, text: { type: "string", minLength: 1 } },
  },
  importance: { type: "number", minimum: 0 },
};
const SCHEMA = {
  type: "object",
  required: ["name", "version", "onnx", "features", "policy"],
  properties: {
    name: NAME,
    version: NAME,
    onnx: {
      type: "object",
      required: ["file", "sha256", "input", "output"],
      properties: {
        file: { const: "model.onnx" },
        sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
        input: { type: "string" },
        output: { type: "string" },
        positive_class: { enum: [0, 1] },
      },
    },
    features: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["name", "type", "required", "reason"],
        discriminator: { propertyName: "type" },
        oneOf: [
          {
            required: ["min", "max"],
            properties: {
              ...FEATURE_BASE,
              type: { const: "numeric" },
              min: { type: "number" },
              max: { type: "number" },
            },
          },
          {
            required: ["categories"],
            properties: {
              ...FEATURE_BASE,
              type: { const: "categorical" },
              categories: { type: "array", minItems: 1, uniqueItems: true, items: { type: "string" } },
            },
          },
        ],
      },
    },
    policy: {
      type: "object",
      required: ["approve_below", "decline_at_or_above", "risk_bands"],
      properties: {
        approve_below: PROBABILITY,
        decline_at_or_above: PROBABILITY,
        risk_bands: {
          type: "object",
          required: ["low_below", "high_at_or_above"],
          properties: { low_below: PROBABILITY, high_at_or_above: PROBABILITY },
        },
      },
    },
  },
};

const isManifest = new Ajv({ allErrors: true, discriminator: true, ...OWN_SCHEMA }).compile<Manifest>(SCHEMA);

/**
 * Reads a manifest.
 * @param where names the file in errors.
 * @throws OperatorError that lists every fault.
 */
export function parseManifest(text: string, where: string): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    throw new OperatorError(`${where} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isManifest(manifest)) {
    const faults = (isManifest.errors ?? []).map((fault) => `${fault.instancePath || "/"} ${fault.message}`);
    throw new OperatorError(`${where} is not a model manifest: ${faults.join("; ")}`);
  }
  const faults = contradictions(manifest);
  if (faults.length > 0) throw new OperatorError(`${where} contradicts itself: ${faults.join("; ")}`);
  return manifest;
}

function contradictions({ features, policy }: Manifest): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const feature of features) {
    if (seen.has(feature.name)) faults.push(`feature ${feature.name} is listed twice`);
    seen.add(feature.name);
    if (feature.type === "numeric" && feature.min > feature.max) faults.push(`feature ${feature.name}: min > max`);
  }
  if (policy.approve_below > policy.decline_at_or_above) faults.push("policy: approve_below > decline_at_or_above");
  const { low_below, high_at_or_above } = policy.risk_bands;
  if (low_below > high_at_or_above) faults.push("policy.risk_bands: low_below > high_at_or_above");
  return faults;
}
