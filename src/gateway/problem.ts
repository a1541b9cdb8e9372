import type { FieldFault } from "../contracts/field-fault.ts";

export type ProblemDetails = {
  readonly status: number;
  /** What kind of problem it is, the same each time. */
  readonly title: string;
  /** What is wrong with this request and what to do, as a sentence; never with the values of an application. */
  readonly detail: string;
  readonly errors?: readonly FieldFault[];
  /** In how many seconds the same request may succeed. */
  readonly retryAfterS?: number;
  /** More members of the answer. */
  readonly extra?: Readonly<Record<string, unknown>>;
};

/** What a client is told instead of what it asked for, as RFC 9457 writes it. Thrown by handlers. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly details: ProblemDetails;

  constructor(details: ProblemDetails, options?: ErrorOptions) {
    super(details.detail, options);
    this.details = details;
  }
}

export const PROBLEM_TYPE = "application/problem+json";

/** The body of the answer. @param instance the path that was asked for. */
export function problemBody({ title, status, detail, errors, extra }: ProblemDetails, instance: string): object {
  return { type: "about:blank", title, status, detail, instance, ...(errors && { errors }), ...extra };
}

export function unauthenticated(detail: string): Problem {
  return new Problem({ status: 401, title: "Unauthenticated", detail });
}

export function notFound(detail: string): Problem {
  return new Problem({ status: 404, title: "Not found", detail });
}

export function badRequest(detail: string, errors?: readonly FieldFault[]): Problem {
  return new Problem({ status: 400, title: "Bad request", detail, ...(errors && { errors }) });
}

/** A server that we need is away, full or starting; the same request may succeed a little later. */
export function unavailable(detail: string, retryAfterS: number, cause?: unknown): Problem {
  return new Problem({ status: 503, title: "Unavailable", detail, retryAfterS }, { cause });
}
