import type { JetStreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { channelOf, inputSubject } from "../contracts/subjects.ts";
import { carriedHeaders } from "../platform/carried-headers.ts";
import type { Database } from "../platform/postgres.ts";
import type { Publication, Publisher } from "../platform/publisher.ts";
import {
  type DeadLetter,
  type DeadLetterId,
  deadLetterName,
  deleteDeadLetter,
  findDeadLetter,
  type WholeDeadLetter,
} from "./dead-letters.ts";
import { type Fate, type Persistence, publishPersistently } from "./persistent-publish.ts";
import { findRequeued, markRequeued } from "./requeue-record.ts";

export type RequeueParts = Persistence & {
  readonly jsm: JetStreamManager;
  readonly publisher: Publisher;
  /** Asked for when the first application is requeued; outcomes do without. */
  readonly database: () => Promise<Database>;
  /** Instead of the channel that the message was published to. */
  readonly channel: string | undefined;
};

export type Requeued =
  /** `sequence` is that of the message in its stream; undefined when only the dead letter of an earlier try was left. */
  | { readonly id: string; readonly subject: string; readonly sequence: number | undefined }
  | { readonly id: string; readonly error: string };

/**
 * Publishes the payloads of dead letters again and then removes the dead letters: publish → acknowledged → marked in the
 * record → deleted. Ended anywhere in between, it can be done again: the message id keeps the broker from storing a
 * second copy, and what the record has as requeued is only deleted. A payload that comes twice all the same, because
 * the broker has forgotten the id, is a repetition to the scorer. Results are in the order of the ids.
 */
export async function requeue(ids: readonly (DeadLetterId | DeadLetter)[], parts: RequeueParts): Promise<Requeued[]> {
  const { jsm, publisher, database, channel } = parts;
  const letters = await Promise.all(ids.map((id) => findDeadLetter(jsm, id)));
  const leftovers = await requeuedBefore(letters, database);
  const plans = ids.map((id, index) => plan(id, letters[index], leftovers, channel));

  const open = plans.filter((candidate) => candidate.kind === "publish");
  const fates = await publishPersistently(publisher, open.map(publicationOf), parts);
  const fateOf = new Map<Plan, Fate>(open.map((opened, index) => [opened, fates[index]!]));
  const published = open.filter((opened) => isAcknowledged(fateOf.get(opened)!));

  const sequences = applicationsAmong(published.map(({ letter }) => letter)).map(({ sequence }) => sequence);
  if (sequences.length > 0) await markRequeued(await database(), sequences);
  const settled = [...published, ...plans.filter((candidate) => candidate.kind === "delete")];
  await Promise.all(settled.map(({ letter }) => deleteDeadLetter(jsm, letter)));
  return plans.map((planned) => resultOf(planned, fateOf.get(planned)));
}

type Work<Kind> = {
  readonly kind: Kind;
  readonly id: string;
  readonly letter: WholeDeadLetter;
  readonly subject: string;
};
type Plan = Work<"publish"> | Work<"delete"> | { readonly kind: "refuse"; readonly id: string; readonly error: string };

function plan(
  wanted: DeadLetterId,
  letter: WholeDeadLetter | undefined,
  leftovers: ReadonlySet<WholeDeadLetter>,
  channel: string | undefined,
): Plan {
  const id = deadLetterName(wanted);
  const refuse = (error: string): Plan => ({ kind: "refuse", id, error });
  if (letter === undefined) return refuse("there is no such dead letter; it may have been requeued, or is too old");
  if (leftovers.has(letter)) return { kind: "delete", id, letter, subject: letter.subject };
  const subject = subjectFor(letter, channel);
  if (subject === undefined) return refuse("its subject is no valid one; say with --channel where it belongs");
  return { kind: "publish", id, letter, subject };
}

function resultOf(planned: Plan, fate: Fate | undefined): Requeued {
  const { id } = planned;
  if (planned.kind === "refuse") return { id, error: planned.error };
  if (fate?.kind === "open") return { id, error: "not acknowledged before it was stopped; it is still a dead letter" };
  if (fate?.kind === "refused")
    return { id, error: `the broker refuses it (${fate.description}); it is still a dead letter` };
  return { id, subject: planned.subject, sequence: fate?.sequence };
}

function isAcknowledged({ kind }: Fate): boolean {
  return kind === "stored" || kind === "duplicate";
}

/** Dead letters that the record has as requeued: whoever did it was ended before the last step. */
async function requeuedBefore(
  letters: readonly (WholeDeadLetter | undefined)[],
  database: () => Promise<Database>,
): Promise<Set<WholeDeadLetter>> {
  const applications = applicationsAmong(letters.filter((letter) => letter !== undefined));
  if (applications.length === 0) return new Set();
  const sequences = applications.map(({ sequence }) => sequence);
  const requeued = await findRequeued(await database(), sequences);
  return new Set(applications.filter(({ sequence }) => requeued.has(sequence)));
}

/** The record knows applications only. */
function applicationsAmong(letters: readonly WholeDeadLetter[]): WholeDeadLetter[] {
  return letters.filter(({ input }) => input === "applications");
}

/** Undefined where only a person can say which channel it belongs to. */
function subjectFor({ input, subject }: WholeDeadLetter, channel: string | undefined): string | undefined {
  if (channel !== undefined) return inputSubject(input, channel);
  const original = channelOf(subject);
  return original !== undefined && inputSubject(input, original) === subject ? subject : undefined;
}

function publicationOf({ letter, subject }: Work<"publish">): Publication {
  const sent = carriedHeaders(letter.headers) ?? headers();
  // Not that of the original: within its duplicate window the broker would swallow the message.
  sent.set("Nats-Msg-Id", `requeue:DEADLETTERS:${letter.ownSequence}`);
  return { subject, payload: letter.payload, headers: sent };
}
