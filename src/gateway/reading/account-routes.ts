import type { Database } from "../../platform/postgres.ts";
import { principalOf } from "../access/guard.ts";
import { ROLES, type Role } from "../access/principal.ts";
import type { Gateway } from "../server.ts";
import { cursorOf, PAGE_QUERY, type PageQuery, pageOf, pageSchema } from "./paging.ts";

type AuditRow = {
  id: string;
  at: Date;
  name: string;
  token_id: string | null;
  action: string;
  subject: string;
  result: string;
};

/** Whoever may read something; a program that only sends has no page to show it on. */
const READERS = ROLES.filter((role): role is Exclude<Role, "alertmanager"> => role !== "alertmanager");

const AUDIT_SCHEMA = {
  type: "object",
  properties: {
    at: { type: "string", format: "date-time" },
    name: { type: "string" },
    token_id: { type: ["string", "null"], description: "null for the command line" },
    action: { type: "string" },
    subject: { type: "string" },
    result: { type: "string" },
  },
};

/** Who one is by one's token, and who changed what. */
export function addAccountRoutes(gateway: Gateway, { database }: { readonly database: Database }): void {
  gateway.get(
    "/v1/me",
    {
      config: { role: READERS },
      schema: {
        summary: "Whose token this is, and what it opens",
        tags: ["access"],
        response: {
          200: {
            type: "object",
            properties: {
              name: { type: "string" },
              role: { type: "string", enum: READERS },
              expires_at: { type: "string", format: "date-time" },
            },
          },
        },
      },
    },
    async (request) => {
      const { name, role, expiresAt } = principalOf(request);
      return { name, role, expires_at: new Date(expiresAt).toISOString() };
    },
  );

  gateway.get<{ Querystring: PageQuery }>(
    "/v1/audit",
    {
      config: { role: "admin" },
      schema: {
        summary: "Every change that was made through the gateway or to its tokens, newest first",
        tags: ["access"],
        querystring: { type: "object", additionalProperties: false, properties: PAGE_QUERY },
        response: { 200: pageSchema(AUDIT_SCHEMA) },
      },
    },
    async ({ query }) => {
      const { limit, before } = pageOf(query);
      const { rows } = await database.query<AuditRow>(
        `select id, at, name, token_id, action, subject, result from plumbline.audit
         where $1::int8 is null or id < $1 order by id desc limit $2`,
        [before, limit],
      );
      return {
        items: rows.map(({ id: _, at, ...entry }) => ({ at: at.toISOString(), ...entry })),
        next: rows.length === limit ? cursorOf(Number(rows.at(-1)!.id)) : null,
      };
    },
  );
}
