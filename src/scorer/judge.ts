import type { ApplicationEvent } from "../contracts/application.ts";
import { equalContent } from "../contracts/content.ts";
import type { Rejection } from "../contracts/dead-letter.ts";
import type { StoredDecision } from "../contracts/score.ts";
import { OperatorError } from "../platform/errors.ts";
import type { Entry } from "./entry.ts";
import type { StoredRow } from "./record.ts";

/** How a message is accounted for. */
export type Account =
  /** By its decision, made now or found; it is published (again). */
  | { readonly kind: "decided"; readonly decision: StoredDecision; readonly isNew: boolean }
  /** By the decision of another message with equal content; nothing is published. */
  | { readonly kind: "repetition" }
  /** By its dead letter, which is published (again) unless somebody has requeued it. */
  | {
      readonly kind: "dead_letter";
      readonly rejection: Rejection;
      readonly isNew: boolean;
      readonly requeued: boolean;
    };

export type Judgement =
  | Account
  | { readonly kind: "conflict"; readonly rejection: Rejection }
  | { readonly kind: "open" };

/**
 * Judges a message against what is stored under its sequence or application id. What was decided stays decided: the
 * same sequence is a redelivery whatever the model says of it today. `conflict` asks for a dead letter to be recorded,
 * `open` says that nothing is stored. Pure.
 * @throws OperatorError when another application is recorded under the sequence: the stream has lost its end and counts
 * on from there, as after a power failure. Taken for a redelivery, the message would be lost.
 */
export function judge(entry: Entry, stored: StoredRows): Judgement {
  const own = stored.bySequence.get(entry.sequence);
  if (own?.kind === "decision") {
    const { content } = entry;
    if (content.kind === "application" && content.event.application_id !== own.decision.applicationId) {
      throw new OperatorError(
        `sequence ${entry.sequence} of stream APPLICATIONS is recorded for another application: the broker has lost messages and numbers new ones like them. Restore its data, or point DATABASE_URL at a new database.`,
      );
    }
    return { kind: "decided", decision: own.decision, isNew: false };
  }
  if (own?.kind === "dead_letter") {
    return { kind: "dead_letter", rejection: own.rejection, isNew: false, requeued: own.requeued };
  }
  if (entry.content.kind === "rejected") return { kind: "open" };
  const first = stored.byApplication.get(entry.content.event.application_id);
  if (first === undefined) return { kind: "open" };
  if (equalContent(JSON.parse(first.event) as ApplicationEvent, entry.content.event)) return { kind: "repetition" };
  const error = `this application_id was decided with other content (sequence ${first.decision.sequence}); send an amended application under a new id`;
  return { kind: "conflict", rejection: { reason: "id_conflict", error } };
}

export type StoredRows = {
  readonly bySequence: ReadonlyMap<number, StoredRow>;
  readonly byApplication: ReadonlyMap<string, Extract<StoredRow, { kind: "decision" }>>;
};

export function indexRows(rows: readonly StoredRow[]): StoredRows {
  const decisions = rows.filter((row) => row.kind === "decision");
  return {
    bySequence: new Map(rows.map((row) => [row.kind === "decision" ? row.decision.sequence : row.sequence, row])),
    byApplication: new Map(decisions.map((row) => [row.decision.applicationId, row])),
  };
}
