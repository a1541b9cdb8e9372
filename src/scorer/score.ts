import type { StoredDecision } from "../contracts/score.ts";
import { createEncoder, type QualityObserver } from "../models/encode.ts";
import type { Manifest } from "../models/manifest.ts";
import { decide, type Policy, riskBand } from "../models/policy.ts";
import { REASON_METHOD, substitutionReasons } from "../models/reasons.ts";
import type { Session } from "../models/session.ts";
import type { TypicalValues } from "../models/typical-values.ts";
import type { Application, Entry } from "./entry.ts";
import type { NewDecision } from "./record.ts";
import type { StageClock } from "./stage-clock.ts";

/** What decides: a registered model, its session and the policy in force, which may change from one batch to the next. */
export type Decider = {
  readonly modelId: number;
  readonly manifest: Manifest;
  readonly typicalValues: TypicalValues;
  readonly session: Session;
  readonly policy: () => Policy;
};

/** An entry that can be scored. */
export type Scorable = Entry & { readonly content: Application };

export function isScorable(entry: Entry): entry is Scorable {
  return entry.content.kind === "application";
}

/** Returns the scoring step: encode → score → reasons → decide for a batch. Touches no server. */
export function createScoring(decider: Decider, clock: StageClock, observe: QualityObserver) {
  const { manifest, session, typicalValues, modelId } = decider;
  const encoder = createEncoder(manifest.features);
  const model = { name: manifest.name, version: manifest.version, sha256: manifest.onnx.sha256 };

  return async function score(entries: readonly Scorable[]): Promise<NewDecision[]> {
    if (entries.length === 0) return [];
    // Once for all of them: a policy that changes meanwhile decides the next ones.
    const policy = decider.policy();
    const tensor = new Float32Array(entries.length * encoder.width);
    await clock("encode", () => {
      for (const [row, { content }] of entries.entries()) encoder.encode(content.event.features, tensor, row, observe);
    });
    return clock("score", async () => {
      const scores = Array.from(await session.run(tensor, entries.length));
      const declined = [...scores.keys()].filter((row) => decide(policy, scores[row]!) === "decline");
      const reasons = await substitutionReasons(
        session,
        manifest.features,
        typicalValues,
        rowsOf(tensor, encoder.width, declined),
        declined.map((row) => scores[row]!),
      );
      const reasonsOf = new Map(declined.map((row, index) => [row, reasons[index]!]));
      const scoredAt = Date.now();
      return entries.map(({ content, sequence, receivedAt }, row): NewDecision => {
        const probability = scores[row]!;
        const decision: StoredDecision = {
          applicationId: content.event.application_id,
          channel: content.channel,
          submittedAt: content.submittedAt,
          receivedAt,
          scoredAt,
          model,
          policyVersion: policy.version,
          score: probability,
          riskBand: riskBand(policy, probability),
          decision: decide(policy, probability),
          reasons: reasonsOf.get(row) ?? [],
          sequence,
          supersedes: content.event.supersedes ?? undefined,
        };
        return {
          kind: "decision",
          decision,
          modelId,
          reasonMethod: reasonsOf.has(row) ? REASON_METHOD : null,
          application: content.event,
          event: content.text,
        };
      });
    });
  };
}

function rowsOf(tensor: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const some = new Float32Array(rows.length * width);
  for (const [index, row] of rows.entries()) some.set(tensor.subarray(row * width, (row + 1) * width), index * width);
  return some;
}
