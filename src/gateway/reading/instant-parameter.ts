import { submissionTime } from "../../models/submission-time.ts";
import { badRequest } from "../problem.ts";

/** Ajv's format takes what is no instant of ours, such as a leap second. @throws Problem naming the field. */
export function requireInstant(text: string | undefined, field: string): void {
  if (text === undefined || submissionTime(text) !== undefined) return;
  throw badRequest("The request doesn't fit the route's schema.", [{ field, detail: "must be an RFC 3339 instant" }]);
}
