import { badRequest } from "../problem.ts";

/** Lists are given page by page, newest first: `limit` items, and in `next` what goes into `before` for the older ones. */
export type Page = {
  readonly limit: number;
  /** Only what is older than this position; undefined for the newest. */
  readonly before: number | undefined;
};

const USUAL_LIMIT = 50;
const MOST = 500;

/** Query parameters are text; nothing is coerced. */
export const PAGE_QUERY = {
  limit: {
    type: "string",
    pattern: "^([1-9][0-9]?|[1-4][0-9]{2}|500)$",
    description: `1 to ${MOST}; ${USUAL_LIMIT} unless told`,
  },
  before: { type: "string", maxLength: 64, description: "`next` of the page before" },
} as const;

export type PageQuery = { readonly limit?: string; readonly before?: string };

/** @throws Problem when `before` isn't a `next` of ours. */
export function pageOf({ before, ...query }: PageQuery): Page {
  return {
    limit: pageLimit(query),
    before: before === undefined ? undefined : positionOf(before),
  };
}

export function pageLimit({ limit }: Pick<PageQuery, "limit">): number {
  return limit === undefined ? USUAL_LIMIT : Number(limit);
}

/** Opaque, so that what a position is may change. */
export function cursorOf(position: number): string {
  return Buffer.from(`p${position}`).toString("base64url");
}

function positionOf(cursor: string): number {
  // No longer than any of ours: a time beyond what PostgreSQL knows would be an error of its own.
  const digits = /^p(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (digits !== undefined) return Number(digits);
  const detail = "must be `next` of the page before, unchanged";
  throw badRequest("The request asks for a page that there isn't.", [{ field: "before", detail }]);
}

/** The schema of an answer with items of the given one. */
export function pageSchema(item: object): object {
  return {
    type: "object",
    required: ["items", "next"],
    properties: { items: { type: "array", items: item }, next: { type: ["string", "null"] } },
  };
}
