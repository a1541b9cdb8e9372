import { CHANNEL } from "../../contracts/application.ts";
import { DECISIONS } from "../../contracts/score.ts";
import type { Bundle } from "../../models/bundle.ts";
import { explain, readScore } from "../../models/explain.ts";
import { OperatorError } from "../../platform/errors.ts";
import type { Database } from "../../platform/postgres.ts";
import { notFound, Problem } from "../problem.ts";
import type { Gateway } from "../server.ts";
import { requireInstant } from "./instant-parameter.ts";
import { cursorOf, PAGE_QUERY, type PageQuery, pageOf, pageSchema } from "./paging.ts";
import { readScoreEvent, readScores, type ScoreFilter } from "./score-rows.ts";
import { ID_PARAMS, SCORE_SCHEMA } from "./score-schema.ts";

const LIST_QUERY = {
  type: "object",
  additionalProperties: false,
  properties: {
    channel: { type: "string", pattern: CHANNEL.source },
    decision: { type: "string", enum: DECISIONS },
    model: { type: "string", maxLength: 64 },
    from: { type: "string", format: "date-time", description: "submitted at or after" },
    to: { type: "string", format: "date-time", description: "submitted before" },
    ...PAGE_QUERY,
  },
};

const ANY_OBJECT = { type: "object", additionalProperties: true };
const EXPLANATION_SCHEMA = {
  type: "object",
  required: ["score", "reason_method", "features", "derived", "equal", "contributions", "timeline"],
  properties: {
    score: SCORE_SCHEMA,
    reason_method: { type: ["string", "null"], description: "How the reasons were found" },
    features: { ...ANY_OBJECT, description: "As they were received" },
    derived: { ...ANY_OBJECT, description: "Made again from the stored features, the bundle and the policy of then" },
    equal: { type: "boolean", description: "What was stored and what was derived are the same to the last bit" },
    contributions: { type: "array", items: ANY_OBJECT },
    timeline: { type: "array", items: ANY_OBJECT },
  },
};

/** Decisions: the list, one by its application's id, and why it came out so. */
export function addScoreRoutes(gateway: Gateway, { database, bundle }: { database: Database; bundle: Bundle }): void {
  gateway.get<{ Querystring: ScoreFilter & PageQuery }>(
    "/v1/scores",
    {
      config: { role: "viewer" },
      schema: {
        summary: "Decisions, newest first",
        description:
          "A page may be short, even empty, and have a `next`: few decisions fit, and the search goes on there.",
        tags: ["scores"],
        querystring: LIST_QUERY,
        response: { 200: pageSchema(SCORE_SCHEMA) },
      },
    },
    async ({ query }) => {
      for (const field of ["from", "to"] as const) requireInstant(query[field], field);
      const { scores, next } = await readScores(database, query, pageOf(query));
      return { items: scores, next: next === undefined ? null : cursorOf(next) };
    },
  );

  gateway.get<{ Params: { id: string } }>(
    "/v1/scores/:id",
    {
      config: { role: ["viewer", "publisher"] },
      schema: {
        summary: "An application's decision",
        tags: ["scores"],
        params: ID_PARAMS,
        response: { 200: SCORE_SCHEMA },
      },
    },
    async ({ params: { id } }) => (await readScoreEvent(database, id)) ?? undecided(id),
  );

  gateway.get<{ Params: { id: string } }>(
    "/v1/scores/:id/explanation",
    {
      config: { role: "viewer" },
      schema: {
        summary: "Why an application was decided so, made again from what is stored",
        tags: ["scores"],
        params: ID_PARAMS,
        response: { 200: EXPLANATION_SCHEMA },
      },
    },
    async ({ params: { id } }) => explanationOf(database, bundle, id),
  );
}

async function explanationOf(database: Database, bundle: Bundle, id: string): Promise<object> {
  const [stored, score] = [await readScore(database, id), await readScoreEvent(database, id)];
  if (stored === undefined || score === undefined) return undecided(id);
  const { derived, equal, contributions } = await explain(database, stored, bundle).catch((error: unknown) => {
    if (!(error instanceof OperatorError)) throw error;
    const { name, version } = score.model;
    const detail = `The decision is of model ${name} version ${version}, whose bundle this gateway doesn't have. Start one with SCORER_BUNDLE set to it.`;
    throw new Problem({ status: 409, title: "Another bundle", detail }, { cause: error });
  });
  return {
    score,
    reason_method: stored.reason_method,
    features: stored.features,
    derived,
    equal,
    contributions,
    timeline: [
      { at: score.submitted_at, event: "submitted" },
      { at: score.received_at, event: "received" },
      { at: score.scored_at, event: "scored" },
    ],
  };
}

function undecided(id: string): never {
  throw notFound(`There is no decision of application ${id}: it isn't scored yet, was rejected, or was never sent.`);
}
