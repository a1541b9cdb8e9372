import type { Msg } from "@nats-io/transport-node";
import type { ApplicationEvent } from "../../../src/contracts/application.ts";
import type { StoredDecision } from "../../../src/contracts/score.ts";
import type { Scorable } from "../../../src/scorer/score.ts";

/** A message as the broker delivers it. */
export function delivered(sequence: number, subject: string, payload: string, deliveries = 1): Msg {
  const reply = `$JS.ACK.APPLICATIONS.scorer.${deliveries}.${sequence}.${sequence}.1769860800000000000.0`;
  return { subject, reply, data: Buffer.from(payload), headers: undefined } as unknown as Msg;
}

export function event(applicationId: string, features: ApplicationEvent["features"] = { dti: 1 }): ApplicationEvent {
  return { application_id: applicationId, submitted_at: "2026-01-31T12:00:00.000Z", features };
}

/** A message that was read and found valid. */
export function entry(sequence: number, of: ApplicationEvent, deliveries = 1): Scorable {
  const text = JSON.stringify(of);
  return {
    message: delivered(sequence, "applications.web", text, deliveries),
    sequence,
    receivedAt: 1_769_860_800_000,
    deliveries,
    content: { kind: "application", channel: "web", event: of, submittedAt: Date.parse(of.submitted_at), text },
  };
}

export function decision(sequence: number, applicationId: string): StoredDecision {
  return {
    applicationId,
    channel: "web",
    submittedAt: 1_769_860_800_000,
    receivedAt: 1_769_860_800_001,
    scoredAt: 1_769_860_800_002,
    model: { name: "small", version: "1", sha256: "ab" },
    policyVersion: "1",
    score: 0.2,
    riskBand: "medium",
    decision: "refer",
    reasons: [],
    sequence,
    supersedes: undefined,
  };
}
