import type { FastifyError } from "fastify";
import type { FieldFault } from "../contracts/field-fault.ts";
import { isDatabaseOutage } from "../platform/postgres.ts";
import { isBrokerOutage } from "../platform/refusals.ts";
import { badRequest, Problem, unavailable } from "./problem.ts";

/** A server that restarts is back in about as long. */
const OUTAGE_RETRY_S = 2;

/**
 * The problem that a client is told of when a request fails with an error, whatever threw it; undefined for a defect of
 * ours, whose text nobody outside may see. Pure.
 */
export function problemOfError(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (isDatabaseOutage(error)) return unavailable("The database is away. Try again.", OUTAGE_RETRY_S, error);
  if (isBrokerOutage(error)) return unavailable("The message broker is away. Try again.", OUTAGE_RETRY_S, error);
  return error instanceof Error ? problemOfFramework(error) : undefined;
}

/** Sentences of our own: the parsers' messages quote what they choke on. */
const FRAMEWORK_FAULTS: Readonly<Record<string, Pick<Problem["details"], "status" | "title" | "detail">>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    title: "Unsupported media type",
    detail: "The route doesn't take a body of this content type. /docs says which it takes.",
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    title: "Too large",
    detail: "The body is larger than the route takes. Send less at a time.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    title: "Bad request",
    detail: "The body isn't as long as Content-Length says.",
  },
  FST_ERR_BAD_URL: { status: 400, title: "Bad request", detail: "The path isn't a valid one." },
};

function problemOfFramework(error: Error & Partial<FastifyError>): Problem | undefined {
  if (error.validation !== undefined) {
    const faults = error.validation.map((fault) => fieldFault(fault, error.validationContext));
    return badRequest("The request doesn't fit the route's schema.", uniqueFaults(faults));
  }
  const known = FRAMEWORK_FAULTS[error.code ?? ""];
  if (known !== undefined) return new Problem(known, { cause: error });
  const status = error.statusCode;
  if (status === undefined || status < 400 || status >= 500) return undefined;
  // A body that can't be read comes without a code of the framework's.
  return new Problem(
    { status, title: "Bad request", detail: "The request can't be read. Check its body, headers and path." },
    { cause: error },
  );
}

type SchemaFault = NonNullable<FastifyError["validation"]>[number];

/** `/features/dti` of a body is `features.dti`; a parameter goes by its name. */
function fieldFault({ keyword, instancePath, params, message }: SchemaFault, context: string | undefined): FieldFault {
  const path = instancePath.split("/").slice(1).map(unescapedPointer);
  if (keyword === "required") path.push(String(params.missingProperty));
  const field = path.join(".") || (context === "body" ? "body" : (context ?? "request"));
  if (keyword === "required") return { field, detail: "is required but missing" };
  // Its name is the sender's choice and may be anything.
  if (keyword === "additionalProperties") return { field, detail: "has a field that isn't known here" };
  if (keyword === "enum") return { field, detail: `must be one of ${[params.allowedValues].flat().join(", ")}` };
  return { field, detail: message ?? "doesn't fit the schema" };
}

function unescapedPointer(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function uniqueFaults(faults: readonly FieldFault[]): FieldFault[] {
  return [...new Map(faults.map((fault) => [`${fault.field} ${fault.detail}`, fault])).values()];
}
