import { CHANNEL } from "../../contracts/application.ts";
import { DEAD_LETTER_REASONS, type DeadLetterReason } from "../../contracts/dead-letter.ts";
import type { Database } from "../../platform/postgres.ts";
import { recordChange } from "../access/audit.ts";
import { principalOf } from "../access/guard.ts";
import { notFound, Problem } from "../problem.ts";
import type { Gateway } from "../server.ts";
import { cursorOf, PAGE_QUERY, type Page, type PageQuery, pageOf, pageSchema } from "./paging.ts";

/** A dead letter without its payload. */
export type ListedDeadLetter = {
  /** Such as `applications-17`. */
  readonly name: string;
  readonly reason: string;
  readonly error: string;
  readonly subject: string;
  readonly time: string;
  readonly bytes: number;
};

/** What the routes need of the dead letters' stream. */
export type DeadLetterStore = {
  /** Newest first; `next` is the position that the next page begins before. */
  list(
    reason: DeadLetterReason | undefined,
    page: Page,
  ): Promise<{ letters: readonly ListedDeadLetter[]; next: number | undefined }>;
  /** With its payload as a text that a terminal or a page may show. */
  find(name: string): Promise<(ListedDeadLetter & { readonly payload: string }) | undefined>;
  /**
   * Publishes its payload again and deletes it.
   * @param channel in place of the one that it was published to.
   */
  requeue(
    name: string,
    channel: string | undefined,
  ): Promise<{ readonly sequence: number | undefined } | { readonly error: string }>;
};

const NAME_PARAMS = {
  type: "object",
  required: ["name"],
  properties: { name: { type: "string", pattern: "^(applications|outcomes)-[0-9]{1,15}$" } },
};
const LETTER = {
  name: { type: "string", examples: ["applications-17"] },
  reason: { type: "string", enum: DEAD_LETTER_REASONS },
  error: { type: "string", description: "What is wrong, as a sentence without input values" },
  subject: { type: "string" },
  time: { type: "string", format: "date-time" },
  bytes: { type: "integer" },
};
const LETTER_SCHEMA = { type: "object", required: Object.keys(LETTER), properties: LETTER };

/** Dead letters: the list, one with its payload, and publishing one again, which is audited. */
export function addDeadLetterRoutes(
  gateway: Gateway,
  { database, letters }: { readonly database: Database; readonly letters: DeadLetterStore },
): void {
  gateway.get<{ Querystring: { reason?: DeadLetterReason } & PageQuery }>(
    "/v1/deadletters",
    {
      config: { role: "viewer" },
      schema: {
        summary: "Events that could not be accounted for in any other way, newest first",
        tags: ["dead letters"],
        querystring: {
          type: "object",
          additionalProperties: false,
          properties: { reason: LETTER.reason, ...PAGE_QUERY },
        },
        response: { 200: pageSchema(LETTER_SCHEMA) },
      },
    },
    async ({ query }) => {
      const { letters: items, next } = await letters.list(query.reason, pageOf(query));
      return { items, next: next === undefined ? null : cursorOf(next) };
    },
  );

  gateway.get<{ Params: { name: string } }>(
    "/v1/deadletters/:name",
    {
      config: { role: "reviewer" },
      schema: {
        summary: "A dead letter with its payload",
        tags: ["dead letters"],
        params: NAME_PARAMS,
        response: { 200: { ...LETTER_SCHEMA, properties: { ...LETTER, payload: { type: "string" } } } },
      },
    },
    async ({ params: { name } }) => (await letters.find(name)) ?? gone(name),
  );

  gateway.post<{ Params: { name: string }; Body: { channel?: string } | null }>(
    "/v1/deadletters/:name/requeue",
    {
      config: { role: "admin" },
      schema: {
        summary: "Publishes a dead letter's payload again, and deletes the dead letter",
        tags: ["dead letters"],
        params: NAME_PARAMS,
        body: {
          type: ["object", "null"],
          additionalProperties: false,
          properties: {
            channel: {
              type: "string",
              pattern: CHANNEL.source,
              description: "in place of the one it was published to; needed where the subject was the fault",
            },
          },
        },
        response: {
          200: {
            type: "object",
            required: ["sequence"],
            properties: {
              sequence: { type: ["integer", "null"], description: "null when only a rest was left to delete" },
            },
          },
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      if ((await letters.find(name)) === undefined) return gone(name);
      const { name: who, tokenId } = principalOf(request);
      const record = (result: string) =>
        recordChange(database, { name: who, tokenId, action: "deadletters.requeue", subject: name, result });
      // Nothing is changed that can't be entered, whatever goes wrong after it.
      await record("begun");
      const outcome = await letters.requeue(name, request.body?.channel);
      await record("error" in outcome ? outcome.error : "done");
      if ("error" in outcome) {
        throw new Problem({ status: 409, title: "Not requeued", detail: `${name}: ${outcome.error}.` });
      }
      return { sequence: outcome.sequence ?? null };
    },
  );
}

function gone(name: string): never {
  throw notFound(`There is no dead letter ${name}: it may have been requeued, or is too old.`);
}
