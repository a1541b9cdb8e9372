import { APPLICATION_ID } from "../../contracts/application.ts";
import type { FieldFault } from "../../contracts/field-fault.ts";
import type { Read } from "./reading-applications.ts";
import { type Candidate, heldProblem, type Submission, type Submitter } from "./submitter.ts";

/** What became of one application of a batch. */
export type BatchItem = {
  /** Its place, from 0. */
  readonly index: number;
  /** Where it stands in a file, from 1. */
  readonly line?: number;
  /** Where it has a valid one. */
  readonly application_id?: string;
  readonly status: "accepted" | "duplicate" | "invalid" | "conflict";
  readonly sequence?: number;
  readonly errors?: readonly FieldFault[];
};

/** An application of a batch, read, or why it can't be. */
export type BatchEntry = Read & { readonly line?: number; readonly applicationId: string | undefined };

export const STATUSES = ["accepted", "duplicate", "invalid", "conflict"] as const;

/** An application was accepted, or is one whose content was already. */
export type BatchAnswer = Readonly<Record<BatchItem["status"], number>> & { readonly items: readonly BatchItem[] };

/**
 * Submits the valid ones of a batch and says what became of each.
 * @param firstIndex the place of the first of them in a whole that is submitted part by part.
 * @throws Problem 503 when the broker doesn't take all of it; what it took is recognised when the batch comes again.
 */
export async function submitBatch(
  submitter: Submitter,
  entries: readonly BatchEntry[],
  channel: string,
  firstIndex = 0,
): Promise<BatchItem[]> {
  const candidates = entries.flatMap((entry): Candidate[] => (entry.ok ? [entry.candidate] : []));
  const submissions = await submitter.submit(candidates, channel);
  const held = submissions.find(({ kind }) => kind === "held");
  if (held?.kind === "held") throw heldProblem(held.reason);
  const next = submissions.values();
  return entries.map((entry, position) => ({
    index: firstIndex + position,
    ...(entry.line !== undefined && { line: entry.line }),
    ...(entry.applicationId !== undefined && { application_id: entry.applicationId }),
    ...(entry.ok ? fateOf(next.next().value!) : { status: "invalid" as const, errors: entry.errors }),
  }));
}

function fateOf(submission: Submission): Pick<BatchItem, "status" | "sequence" | "errors"> {
  switch (submission.kind) {
    case "decided":
      return { status: "duplicate", sequence: submission.score.sequence };
    case "conflict":
      return { status: "conflict", errors: [{ field: "application_id", detail: submission.detail }] };
    case "held":
      throw new Error("a batch that is held has no fates");
    default:
      return { status: submission.kind, sequence: submission.sequence };
  }
}

/** The items with how many there are of each kind. */
export function batchAnswer(items: readonly BatchItem[]): BatchAnswer {
  const counts = { accepted: 0, duplicate: 0, invalid: 0, conflict: 0 };
  for (const { status } of items) counts[status]++;
  return { ...counts, items };
}

/** The application id in a value of any kind, where it has a valid one. */
export function applicationIdOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "application_id")) return undefined;
  const { application_id: id } = value as { readonly application_id: unknown };
  return typeof id === "string" && APPLICATION_ID.test(id) ? id : undefined;
}
