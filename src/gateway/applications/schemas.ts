import { APPLICATION_ID, CHANNEL } from "../../contracts/application.ts";
import { DECISIONS, RISK_BANDS } from "../../contracts/score.ts";

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

const VALUES = { type: "object", additionalProperties: { type: ["number", "string", "boolean", "null"] } };

/** For the documentation: what the validator of the model says goes beyond it. */
export const APPLICATION = {
  type: "object",
  required: ["application_id", "submitted_at", "features"],
  properties: {
    application_id: { type: "string", pattern: APPLICATION_ID.source },
    submitted_at: TIME,
    features: { ...VALUES, description: "By the names in the model's manifest; null or absent is missing." },
    protected: { ...VALUES, type: ["object", "null"], description: "Serves fairness only; no input of a model." },
    supersedes: { type: ["string", "null"], pattern: APPLICATION_ID.source },
  },
};

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
