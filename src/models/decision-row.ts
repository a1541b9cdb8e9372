import type { Decision, Reason, RiskBand, StoredDecision } from "../contracts/score.ts";

/** A decision as the driver reads it from `scores`, or from the record beneath. */
export type DecisionRow = {
  readonly application_id: string;
  readonly channel: string;
  readonly submitted_at: Date;
  readonly received_at: Date;
  readonly scored_at: Date;
  readonly sequence: string;
  readonly model_name: string;
  readonly model_version: string;
  readonly model_sha256: string;
  readonly policy_version: string;
  readonly score: number;
  readonly risk_band: RiskBand;
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
  readonly supersedes: string | null;
};

/** The same decision whoever reads it, so that every door gives its score event in the same bytes. Pure. */
export function storedDecision(row: DecisionRow): StoredDecision {
  return {
    applicationId: row.application_id,
    channel: row.channel,
    submittedAt: row.submitted_at.getTime(),
    receivedAt: row.received_at.getTime(),
    scoredAt: row.scored_at.getTime(),
    model: { name: row.model_name, version: row.model_version, sha256: row.model_sha256 },
    policyVersion: row.policy_version,
    score: row.score,
    riskBand: row.risk_band,
    decision: row.decision,
    reasons: row.reasons,
    sequence: Number(row.sequence),
    supersedes: row.supersedes ?? undefined,
  };
}
