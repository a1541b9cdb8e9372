import { CHANNEL } from "../../contracts/application.ts";
import { ALL_CHANNELS, type DriftReport } from "../../contracts/drift-report.ts";
import type { ReferenceProfile } from "../../contracts/reference-profile.ts";
import type { Database } from "../../platform/postgres.ts";
import { notFound } from "../problem.ts";
import type { Gateway } from "../server.ts";
import { type DriftFilter, readDriftReport, readDriftReports, readProvisional } from "./drift-rows.ts";
import { cursorOf, PAGE_QUERY, type PageQuery, pageOf } from "./paging.ts";

const ANY_OBJECT = { type: "object", additionalProperties: true } as const;

const LIST_QUERY = {
  type: "object",
  additionalProperties: false,
  properties: {
    model: { type: "string", maxLength: 64 },
    channel: {
      type: "string",
      anyOf: [{ pattern: CHANNEL.source }, { const: ALL_CHANNELS }],
      description: `a channel, or ${ALL_CHANNELS} for all together, which it is unless told`,
    },
    ...PAGE_QUERY,
  },
};

/** Drift reports: the list with the sliding view, and one whole with what it compares with. */
export function addDriftRoutes(gateway: Gateway, { database }: { readonly database: Database }): void {
  gateway.get<{ Querystring: DriftFilter & PageQuery }>(
    "/v1/drift",
    {
      config: { role: "viewer" },
      schema: {
        summary: "Drift reports, newest window first, and the sliding view between verdicts",
        tags: ["drift"],
        querystring: LIST_QUERY,
        response: {
          200: {
            type: "object",
            required: ["items", "provisional", "next"],
            properties: {
              items: { type: "array", items: ANY_OBJECT },
              provisional: { ...ANY_OBJECT, type: ["object", "null"] },
              next: { type: ["string", "null"] },
            },
          },
        },
      },
    },
    async ({ query }) => {
      const [{ reports, next }, provisional] = await Promise.all([
        readDriftReports(database, query, pageOf(query)),
        readProvisional(database, query),
      ]);
      return { items: reports, provisional: provisional ?? null, next: next === undefined ? null : cursorOf(next) };
    },
  );

  gateway.get<{ Params: { id: string } }>(
    "/v1/drift/reports/:id",
    {
      config: { role: "viewer" },
      schema: {
        summary: "A whole drift report, with the reference distributions",
        tags: ["drift"],
        params: {
          type: "object",
          required: ["id"],
          properties: { id: { type: "string", pattern: "^[1-9][0-9]{0,14}$" } },
        },
        response: {
          200: {
            type: "object",
            required: ["report", "reference"],
            properties: { report: ANY_OBJECT, reference: { ...ANY_OBJECT, type: ["object", "null"] } },
          },
        },
      },
    },
    async ({ params: { id } }) => {
      const found = await readDriftReport(database, Number(id));
      if (found === undefined) throw notFound(`There is no drift report ${id}; /v1/drift lists those there are.`);
      const { report, reference } = found;
      return { report, reference: reference && distributionsOf(reference, report) };
    },
  );
}

/** What a page needs to draw the reference beside a window. */
function distributionsOf(reference: ReferenceProfile, { model }: DriftReport): object {
  const features = reference.features.map((feature) => {
    const { counts, n, missing } = feature;
    const bins = feature.type === "numeric" ? numericBins(feature) : { categories: feature.categories };
    return [feature.name, { type: feature.type, counts, n, missing, ...bins }];
  });
  const { score, decisions, n, period } = reference;
  return {
    model,
    n,
    period,
    features: Object.fromEntries(features),
    score: score && { counts: score.counts, ...numericBins(score) },
    decisions,
  };
}

function numericBins({ binning, edges, group_edges, min, max, sums }: NonNullable<ReferenceProfile["score"]>): object {
  return { binning, edges, group_edges, min, max, sums };
}
