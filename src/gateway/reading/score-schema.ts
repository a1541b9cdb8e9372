import { APPLICATION_ID, CHANNEL } from "../../contracts/application.ts";
import { DECISIONS, RISK_BANDS } from "../../contracts/score.ts";

/** The score event as it is documented in /openapi.json. */
export const SCORE_SCHEMA = {
  type: "object",
  required: [
    "application_id",
    "channel",
    "submitted_at",
    "received_at",
    "scored_at",
    "model",
    "policy",
    "score",
    "risk_band",
    "decision",
    "reasons",
    "sequence",
  ],
  properties: {
    application_id: { type: "string", pattern: APPLICATION_ID.source },
    channel: { type: "string", pattern: CHANNEL.source },
    submitted_at: { type: "string", format: "date-time" },
    received_at: { type: "string", format: "date-time" },
    scored_at: { type: "string", format: "date-time" },
    model: {
      type: "object",
      required: ["name", "version", "sha256"],
      properties: { name: { type: "string" }, version: { type: "string" }, sha256: { type: "string" } },
    },
    policy: { type: "object", required: ["version"], properties: { version: { type: "string" } } },
    score: { type: "number", minimum: 0, maximum: 1, description: "Probability of default, unrounded" },
    risk_band: { type: "string", enum: RISK_BANDS },
    decision: { type: "string", enum: DECISIONS },
    reasons: {
      type: "array",
      maxItems: 4,
      items: {
        type: "object",
        required: ["code", "feature", "text", "contribution"],
        properties: {
          code: { type: "string" },
          feature: { type: "string" },
          text: { type: "string" },
          contribution: { type: "number", description: "In log-odds of default" },
        },
      },
    },
    sequence: { type: "integer" },
    supersedes: { type: "string" },
  },
} as const;

/** The id in a path. */
export const ID_PARAMS = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string", pattern: APPLICATION_ID.source } },
} as const;
