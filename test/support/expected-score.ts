import type { ScoreRow } from "./delivered.ts";

/**
 * The score event that the contract promises for a stored decision, written from the contract and not from the code:
 * its fields, in its order.
 */
export function expectedScore(row: ScoreRow, supersedes: string | undefined): Record<string, unknown> {
  const expected: Record<string, unknown> = {
    application_id: row.application_id,
    channel: row.channel,
    submitted_at: row.submitted_at,
    received_at: row.received_at,
    scored_at: row.scored_at,
    model: { name: row.model_name, version: row.model_version, sha256: row.model_sha256 },
    policy: { version: row.policy_version },
    score: row.score,
    risk_band: row.risk_band,
    decision: row.decision,
    reasons: row.reasons.map((reason) => ({
      code: reason.code,
      feature: reason.feature,
      text: reason.text,
      contribution: reason.contribution,
    })),
    sequence: row.sequence,
  };
  if (supersedes !== undefined) expected.supersedes = supersedes;
  return expected;
}

type Event = {
  readonly application_id?: string;
  readonly submitted_at?: string;
  readonly features?: Record<string, unknown>;
  readonly protected?: Record<string, unknown> | null;
  readonly supersedes?: string | null;
};

/** The event in a payload; one without any field where it isn't an event at all. */
export function parseEvent(payload: Uint8Array): Event {
  try {
    return JSON.parse(Buffer.from(payload).toString()) ?? {};
  } catch {
    return {};
  }
}

/** The application id in a payload; undefined where it has none. */
export function idOf(payload: Uint8Array): string | undefined {
  return parseEvent(payload).application_id;
}

/** A text that is the same for two payloads exactly if the contract calls their content equal. */
export function contentOf(payload: Uint8Array): string {
  const { submitted_at = "", features, protected: shielded } = parseEvent(payload);
  return JSON.stringify([Date.parse(submitted_at), present(features), present(shielded)]);
}

/** Members that are not null, by name. */
export function present(values: Readonly<Record<string, unknown>> | null | undefined): [string, unknown][] {
  return Object.entries(values ?? {})
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
