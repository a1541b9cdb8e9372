import { badRequest } from "../problem.ts";

const LONGEST_WAIT_MS = 30_000;

export const WAIT_PARAMETER = {
  type: "string",
  pattern: "^\\d{1,5}(ms|s)$",
  description: "How long to wait for the score, such as 500ms or 2s; up to 30s. Without it the answer is 202 at once.",
} as const;

/** Milliseconds; 0 without the parameter. @throws Problem 400 when it is too long. */
export function waitOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const amount = Number.parseInt(text, 10);
  const waitMs = text.endsWith("ms") ? amount : amount * 1_000;
  if (waitMs <= LONGEST_WAIT_MS) return waitMs;
  throw badRequest("The request doesn't fit the route's schema.", [{ field: "wait", detail: "must be at most 30s" }]);
}
