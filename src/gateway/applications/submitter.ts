import { headers, type MsgHdrs } from "@nats-io/transport-node";
import type { ApplicationEvent } from "../../contracts/application.ts";
import { contentDigest, recommendedMessageId } from "../../contracts/content.ts";
import type { ScoreEvent } from "../../contracts/score.ts";
import { inputSubject } from "../../contracts/subjects.ts";
import type { Database } from "../../platform/postgres.ts";
import type { Publication, Publisher, Receipt } from "../../platform/publisher.ts";
import { isPassingRefusal } from "../../platform/refusals.ts";
import { type Problem, unavailable } from "../problem.ts";
import { createFindDecided, haveSameContent } from "./decided.ts";
import { createRecentSubmissions } from "./recent-submissions.ts";

/** A valid application, and the very bytes to publish. */
export type Candidate = { readonly event: ApplicationEvent; readonly payload: Uint8Array };

export type Submission =
  /** In the stream; `duplicate` when it was there already. The sequence is that of the first copy. */
  | { readonly kind: "accepted" | "duplicate"; readonly sequence: number }
  /** The same application was decided before. */
  | { readonly kind: "decided"; readonly score: ScoreEvent }
  /** Its id belongs to an application with other content. */
  | { readonly kind: "conflict"; readonly detail: string }
  | { readonly kind: "held"; readonly reason: HeldReason };

/** Why the broker can't take it for now. Nobody knows whether it has what it left `unanswered`. */
export type HeldReason = "full" | "away" | "unanswered";

export type Submitter = {
  /**
   * Submits applications to a channel, each once however often it comes; answers are in their order.
   * @param carried headers that travel with each, trace context for one.
   */
  submit(candidates: readonly Candidate[], channel: string, carried?: MsgHdrs): Promise<Submission[]>;
  /** What the record says of an application: decided, a conflict with the one that was; undefined when it has none of its id. */
  decidedAs(candidate: Candidate): Promise<Submission | undefined>;
};

export type SubmitterParts = {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly isConnected: () => boolean;
};

const CONFLICT =
  "This application_id belongs to an application with other content. Send an amended one under a new id.";
const OUTAGE_RETRY_S = 2;
const FULL_RETRY_S = 5;

/** What a client is told when the broker doesn't take what it sent. What it took all the same is recognised when it comes again. */
export function heldProblem(reason: HeldReason): Problem {
  return reason === "full"
    ? unavailable("The stream of applications is full for now. Send it again; nothing is taken twice.", FULL_RETRY_S)
    : unavailable("The message broker doesn't answer. Send it again; nothing is taken twice.", OUTAGE_RETRY_S);
}

/** What is decided → what was submitted a moment ago → the broker; each application stops at the first that knows it. */
export function createSubmitter({ database, publisher, isConnected }: SubmitterParts): Submitter {
  const findDecided = createFindDecided(database);
  const recent = createRecentSubmissions();

  async function submit(candidates: readonly Candidate[], channel: string, carried?: MsgHdrs): Promise<Submission[]> {
    const digests = candidates.map(({ event }) => contentDigest(event));
    const decided = await submittedBefore(candidates);
    const known = candidates.map(({ event }, index) => decided[index] ?? claim(event.application_id, digests[index]!));
    const open = [...candidates.keys()].filter((index) => known[index] === undefined);
    const submissions = await publish(open.map((index) => publicationOf(candidates[index]!, channel, carried)));
    const published = new Map(open.map((index, position) => [index, submissions[position]!]));
    for (const [index, submission] of published) settle(candidates[index]!, digests[index]!, submission);
    return candidates.map((_, index) => known[index] ?? published.get(index)!);
  }

  /** What the record says of each; undefined for those that it doesn't know. */
  async function submittedBefore(candidates: readonly Candidate[]): Promise<(Submission | undefined)[]> {
    const found = await findDecided(candidates.map(({ event }) => event.application_id));
    const pairs = candidates.flatMap(({ event }) => {
      const decision = found.get(event.application_id);
      return decision === undefined ? [] : { event, decided: decision };
    });
    const comparisons = (await haveSameContent(database, pairs)).values();
    return candidates.map(({ event }): Submission | undefined => {
      const decision = found.get(event.application_id);
      if (decision === undefined) return undefined;
      const isSame = comparisons.next().value === true;
      return isSame ? { kind: "decided", score: decision.score } : { kind: "conflict", detail: CONFLICT };
    });
  }

  function claim(applicationId: string, digest: string): Submission | undefined {
    const claimed = recent.claim(applicationId, digest);
    if (claimed.kind === "other") return { kind: "conflict", detail: CONFLICT };
    if (claimed.kind === "same" && claimed.sequence !== undefined) {
      return { kind: "duplicate", sequence: claimed.sequence };
    }
    return undefined;
  }

  /** While the connection is down the client library would keep messages, and send or drop them as it comes back. */
  async function publish(publications: readonly Publication[]): Promise<Submission[]> {
    if (!isConnected()) return publications.map(() => ({ kind: "held", reason: "away" }));
    return (await publisher.publish(publications)).map(submissionOf);
  }

  function settle({ event }: Candidate, digest: string, submission: Submission): void {
    const { application_id: id } = event;
    if (submission.kind === "accepted" || submission.kind === "duplicate") {
      recent.stored(id, digest, submission.sequence);
    }
    // One that wasn't answered may be stored; its id stays claimed.
    if (submission.kind === "held" && submission.reason !== "unanswered") recent.release(id, digest);
  }

  return {
    submit,
    async decidedAs(candidate) {
      const [decided] = await submittedBefore([candidate]);
      return decided;
    },
  };
}

function publicationOf({ event, payload }: Candidate, channel: string, carried: MsgHdrs | undefined): Publication {
  const identified = headers();
  for (const name of carried?.keys() ?? []) identified.set(name, carried!.get(name));
  identified.set("Nats-Msg-Id", recommendedMessageId(event.application_id, payload));
  return { subject: inputSubject("applications", channel), payload, headers: identified };
}

/** @throws Error when the broker refuses for good, which is a fault of its configuration or ours. */
function submissionOf(receipt: Receipt): Submission {
  if (receipt.kind === "stored") {
    return { kind: receipt.duplicate ? "duplicate" : "accepted", sequence: receipt.sequence };
  }
  if (receipt.kind === "unanswered") return { kind: "held", reason: "unanswered" };
  if (isPassingRefusal(receipt.code)) return { kind: "held", reason: "full" };
  throw new Error(`the broker refuses an application: ${receipt.description} (${receipt.code})`);
}
