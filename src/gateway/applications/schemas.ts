import { CHANNEL } from "../../contracts/application.ts";
import { DECISIONS, RISK_BANDS } from "../../contracts/score.ts";
import { applicationSchema } from "../../models/application-schema.ts";
import type { Manifest } from "../../models/manifest.ts";

/** Schemas that the routes for applications share; what an application must hold is the model's to say. */

export const CHANNEL_PARAMETER = {
  type: "string",
  pattern: CHANNEL.source,
  description: "The channel to submit to: 1 to 32 of a-z, 0-9, _ and -.",
} as const;

const TIME = { type: "string", format: "date-time" };
const NAME = { type: "string" };

export const SCORE_EVENT = {
  type: "object",
  description: "The decision of an application.",
  required: ["application_id", "channel", "score", "risk_band", "decision", "reasons", "sequence"],
  properties: {
    application_id: NAME,
    channel: NAME,
    submitted_at: TIME,
    received_at: TIME,
    scored_at: TIME,
    model: { type: "object", properties: { name: NAME, version: NAME, sha256: NAME } },
    policy: { type: "object", properties: { version: NAME } },
    score: { type: "number", description: "Probability of default." },
    risk_band: { type: "string", enum: [...RISK_BANDS] },
    decision: { type: "string", enum: [...DECISIONS] },
    reasons: {
      type: "array",
      items: {
        type: "object",
        properties: { code: NAME, feature: NAME, text: NAME, contribution: { type: "number" } },
      },
    },
    sequence: { type: "integer", description: "The application's in APPLICATIONS." },
    supersedes: NAME,
  },
};

export const ACCEPTED = {
  type: "object",
  description: "The application is in the stream and will be decided.",
  required: ["application_id", "sequence"],
  properties: { application_id: NAME, sequence: { type: "integer" } },
};

/** What the validator takes, with what a schema for it can't check. */
export function applicationBody(manifest: Manifest): object {
  const schema = applicationSchema(manifest);
  return { ...schema, properties: { ...schema.properties, submitted_at: TIME } };
}

export const VALID = {
  type: "object",
  description: "The application would be scored.",
  required: ["valid", "application_id", "scored_as_missing"],
  properties: {
    valid: { type: "boolean" },
    application_id: NAME,
    scored_as_missing: {
      type: "array",
      description: "Features that the model would not see.",
      items: {
        type: "object",
        properties: { feature: NAME, reason: { type: "string", enum: ["missing", "out_of_range", "unseen"] } },
      },
    },
  },
};
