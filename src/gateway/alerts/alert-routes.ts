import { ALERT_SEVERITIES, ALERT_SOURCES, ALERT_STATUSES } from "../../contracts/alert.ts";
import type { Database } from "../../platform/postgres.ts";
import { requireInstant } from "../reading/instant-parameter.ts";
import { PAGE_QUERY, type PageQuery, pageLimit, pageSchema } from "../reading/paging.ts";
import type { Gateway } from "../server.ts";
import { type AlertFilter, readAlerts } from "./alert-rows.ts";

const TIME = { type: "string", format: "date-time" } as const;
const MAYBE_TEXT = { type: ["string", "null"] } as const;
const LABELS = { type: "object", additionalProperties: { type: "string" } } as const;

const ALERT = {
  id: { type: "integer" },
  fingerprint: { type: "string", description: "Of its labels; the same in every episode" },
  name: { type: "string" },
  severity: { type: "string", enum: ALERT_SEVERITIES },
  status: { type: "string", enum: ALERT_STATUSES },
  summary: MAYBE_TEXT,
  description: MAYBE_TEXT,
  runbook_url: MAYBE_TEXT,
  dashboard: MAYBE_TEXT,
  labels: LABELS,
  annotations: LABELS,
  starts_at: TIME,
  ends_at: { ...TIME, type: ["string", "null"], description: "null while it fires" },
  received_at: TIME,
  updated_at: TIME,
  source: { type: "string", enum: ALERT_SOURCES, description: "how it was first heard of" },
} as const;

const LIST_QUERY = {
  type: "object",
  additionalProperties: false,
  properties: {
    status: ALERT.status,
    severity: ALERT.severity,
    name: { type: "string", maxLength: 256 },
    from: { ...TIME, description: "began to fire at or after" },
    to: { ...TIME, description: "began to fire before" },
    ...PAGE_QUERY,
    before: { ...PAGE_QUERY.before, maxLength: 128 },
  },
};

/** Alerts that fire, and those that did. */
export function addAlertRoutes(gateway: Gateway, { database }: { readonly database: Database }): void {
  gateway.get<{ Querystring: AlertFilter & PageQuery }>(
    "/v1/alerts",
    {
      config: { role: "viewer" },
      schema: {
        summary: "Alerts: those that fire first, then newest first",
        description: "One item per episode, from when an alert began to fire until it stopped.",
        tags: ["alerts"],
        querystring: LIST_QUERY,
        response: { 200: pageSchema({ type: "object", required: Object.keys(ALERT), properties: ALERT }) },
      },
    },
    async ({ query }) => {
      for (const field of ["from", "to"] as const) requireInstant(query[field], field);
      const { alerts, next } = await readAlerts(database, query, { limit: pageLimit(query), before: query.before });
      return { items: alerts, next: next ?? null };
    },
  );
}
