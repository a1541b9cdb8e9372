/** Score events: one per application id, on `scores.<channel>.<decision>.<application_id>`. */

export const DECISIONS = ["approve", "refer", "decline"] as const;
export type Decision = (typeof DECISIONS)[number];

export const RISK_BANDS = ["low", "medium", "high"] as const;
export type RiskBand = (typeof RISK_BANDS)[number];

/** An adverse action reason. `contribution` is in log-odds; positive raises the probability of default. */
export type Reason = {
  readonly code: string;
  readonly feature: string;
  readonly text: string;
  readonly contribution: number;
};

export type ScoreEvent = {
  readonly application_id: string;
  readonly channel: string;
  readonly submitted_at: string;
  /** The broker's time of receipt. */
  readonly received_at: string;
  readonly scored_at: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly policy: { readonly version: string };
  /** Probability of default, unrounded. */
  readonly score: number;
  readonly risk_band: RiskBand;
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
  /** The application's sequence in the APPLICATIONS stream. */
  readonly sequence: number;
  readonly supersedes?: string;
};

/** A decision as it is stored; times in milliseconds since 1970. Everything a score event is made of. */
export type StoredDecision = {
  readonly applicationId: string;
  readonly channel: string;
  readonly submittedAt: number;
  readonly receivedAt: number;
  readonly scoredAt: number;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly policyVersion: string;
  readonly score: number;
  readonly riskBand: RiskBand;
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
  readonly sequence: number;
  readonly supersedes: string | undefined;
};

/**
 * The score event of a stored decision. A pure function of the row with a fixed key order, so that a republished event
 * has the very bytes of the first one.
 */
export function scoreEvent(row: StoredDecision): ScoreEvent {
  return {
    application_id: row.applicationId,
    channel: row.channel,
    submitted_at: new Date(row.submittedAt).toISOString(),
    received_at: new Date(row.receivedAt).toISOString(),
    scored_at: new Date(row.scoredAt).toISOString(),
    model: { name: row.model.name, version: row.model.version, sha256: row.model.sha256 },
    policy: { version: row.policyVersion },
    score: row.score,
    risk_band: row.riskBand,
    decision: row.decision,
    reasons: row.reasons.map(({ code, feature, text, contribution }) => ({ code, feature, text, contribution })),
    sequence: row.sequence,
    ...(row.supersedes !== undefined && { supersedes: row.supersedes }),
  };
}
