import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { DEAD_LETTER_REASONS, type DeadLetterReason } from "../contracts/dead-letter.ts";
import type { Decision } from "../contracts/score.ts";

const STAGES = ["decode", "encode", "score", "persist", "publish"] as const;
export type Stage = (typeof STAGES)[number];

export const OUTCOMES = ["scored", "duplicate", "dead_lettered", "retried"] as const;

/** Whoever may publish may make up channels; beyond this many they share the label `other`. */
const MOST_CHANNEL_LABELS = 50;

export type ScorerMetrics = ReturnType<typeof createScorerMetrics>;

/**
 * The pipeline's metrics, on the given registry; label sets that are known start at 0.
 * @param referenceApprovalRate undefined when the model's reference has no decisions.
 */
export function createScorerMetrics(
  registry: Registry,
  model: { name: string; version: string; sha256: string },
  features: readonly string[],
  referenceApprovalRate?: number,
) {
  const registers = [registry];
  const applications = new Counter({
    name: "plumbline_applications_total",
    help: "Applications by outcome: scored, dead_lettered and duplicate (equal content under another sequence) add up to those settled, each counted once; retried ones were handed back to the broker, redeliveries of settled ones are in plumbline_redeliveries_total alone.",
    labelNames: ["outcome"],
    registers,
  });
  const endToEnd = new Histogram({
    name: "plumbline_end_to_end_seconds",
    help: "From the broker's receipt of an application to the acknowledged publication of its decision.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
    registers,
  });
  const stage = new Histogram({
    name: "plumbline_stage_seconds",
    help: "Time that a batch spends in a stage of the pipeline.",
    labelNames: ["stage"],
    buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10],
    registers,
  });
  const batch = new Histogram({
    name: "plumbline_batch_applications",
    help: "Applications in a batch.",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const inflight = new Gauge({
    name: "plumbline_inflight_applications",
    help: "Applications in the batches that this scorer works on.",
    registers,
  });
  const redeliveries = new Counter({
    name: "plumbline_redeliveries_total",
    help: "Messages that the broker delivered for the second time or more, settled already or not.",
    registers,
  });
  const deadLetters = new Counter({
    name: "plumbline_dead_letters_total",
    help: "Applications that became dead letters.",
    labelNames: ["reason"],
    registers,
  });
  const score = new Histogram({
    name: "plumbline_score",
    help: "Probabilities of default of newly scored applications.",
    labelNames: ["model", "version", "rollout"],
    buckets: [0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1],
    registers,
  });
  const decisions = new Counter({
    name: "plumbline_decisions_total",
    help: "New decisions.",
    labelNames: ["channel", "decision", "model", "version"],
    registers,
  });
  const modelInfo = new Gauge({
    name: "plumbline_model_info",
    help: "1 for the model that this scorer has loaded.",
    labelNames: ["model", "version", "sha256", "rollout"],
    registers,
  });
  const referenceApproval = new Gauge({
    name: "plumbline_reference_approval_rate",
    help: "Share of the model's reference population that the policy at its making approves.",
    labelNames: ["model", "version"],
    registers,
  });
  const quality = (name: string, help: string) =>
    new Counter({ name: `plumbline_feature_${name}_total`, help, labelNames: ["feature"], registers });
  const byQuality = {
    missing: quality("missing", "Applications whose feature was absent or null."),
    out_of_range: quality("out_of_range", "Applications whose feature lay outside the manifest's range."),
    unseen: quality("unseen", "Applications whose feature had a category that the manifest doesn't list."),
  };

  for (const outcome of OUTCOMES) applications.inc({ outcome }, 0);
  for (const reason of DEAD_LETTER_REASONS) deadLetters.inc({ reason }, 0);
  for (const name of STAGES) stage.zero({ stage: name });
  for (const feature of features) for (const counter of Object.values(byQuality)) counter.inc({ feature }, 0);
  const ofModel = { model: model.name, version: model.version };
  modelInfo.set({ ...ofModel, sha256: model.sha256, rollout: "champion" }, 1);
  if (referenceApprovalRate !== undefined) referenceApproval.set(ofModel, referenceApprovalRate);
  const scores = score.labels({ ...ofModel, rollout: "champion" });

  const channels = new Set<string>();
  function channelLabel(channel: string): string {
    if (channels.size < MOST_CHANNEL_LABELS) channels.add(channel);
    return channels.has(channel) ? channel : "other";
  }

  return {
    endToEnd,
    batch,
    inflight,
    stageTook: (name: Stage, seconds: number) => stage.observe({ stage: name }, seconds),
    settled: (outcome: (typeof OUTCOMES)[number], count: number) => applications.inc({ outcome }, count),
    redelivered: (count: number) => redeliveries.inc(count),
    deadLettered: (reason: DeadLetterReason) => deadLetters.inc({ reason }),
    decided(channel: string, decision: Decision, probability: number) {
      decisions.inc({ channel: channelLabel(channel), decision, ...ofModel });
      scores.observe(probability);
    },
    featureFault: (feature: string, kind: keyof typeof byQuality) => byQuality[kind].inc({ feature }),
  };
}
