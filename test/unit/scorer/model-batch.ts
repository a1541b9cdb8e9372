import type { Msg } from "@nats-io/transport-node";
import type { StoredDecision } from "../../../src/contracts/score.ts";
import type { Validator } from "../../../src/models/validate.ts";
import { type Entry, readEntry } from "../../../src/scorer/entry.ts";
import { type Account, indexRows, judge } from "../../../src/scorer/judge.ts";
import { publicationOf } from "../../../src/scorer/publication.ts";
import type { NewRow } from "../../../src/scorer/record.ts";
import type { ModelBroker } from "./model-broker.ts";
import type { ModelRecord } from "./model-record.ts";

export type ModelParts = {
  readonly broker: ModelBroker;
  readonly record: ModelRecord;
  readonly validator: Validator;
  /** A new opinion at every call, as of a model that changes all the time. */
  readonly score: () => Pick<StoredDecision, "score" | "decision">;
  /** Publishing comes before acknowledging; the other order is there to see it fail. */
  readonly acknowledgesFirst?: boolean;
};

type Accounted = { readonly entry: Entry; readonly account: Account };

/**
 * The way of a batch in the pipeline's order, with the pipeline's own decisions. It stops at every `yield`: there the
 * process may die, and others may do anything.
 */
export function* processBatch(parts: ModelParts, messages: readonly Msg[]): Generator<void, void> {
  const { broker, record, validator, score } = parts;
  const entries = messages.map((message) => readEntry(message, validator));
  yield;
  const redelivered = entries.filter(({ deliveries }) => deliveries > 1);
  const done: Accounted[] = [];
  let open = settle(entries, redelivered, record, done);
  yield;
  const rows = new Map<number, NewRow>();
  for (const entry of open) if (entry.content.kind === "application") rows.set(entry.sequence, decide(entry, score()));
  while (open.length > 0) {
    const batch = open.map((entry) => (entry.content.kind === "rejected" ? letter(entry) : rows.get(entry.sequence)!));
    yield;
    const inserted = record.insert(batch);
    yield;
    for (const [index, entry] of open.entries()) {
      if (inserted.has(entry.sequence)) done.push({ entry, account: newAccount(batch[index]!) });
    }
    const taken = open.filter(({ sequence }) => !inserted.has(sequence));
    open = settle(taken, taken, record, done);
  }
  const publish = function* () {
    for (const { entry, account } of done) {
      const publication = publicationOf(entry, account);
      if (publication === undefined) continue;
      yield;
      broker.publish(publication);
    }
  };
  const acknowledge = function* () {
    for (const { entry } of done) {
      yield;
      broker.ack(entry.message);
    }
  };
  for (const step of parts.acknowledgesFirst ? [acknowledge, publish] : [publish, acknowledge]) yield* step();
}

/** Judges entries by what is stored for some of them; returns those that are still to be recorded. */
function settle(
  entries: readonly Entry[],
  lookedUp: readonly Entry[],
  record: ModelRecord,
  done: Accounted[],
): Entry[] {
  const sequences = lookedUp.map(({ sequence }) => sequence);
  const ids = lookedUp.flatMap(({ content }) => (content.kind === "application" ? content.event.application_id : []));
  const stored = indexRows(record.read(sequences, ids));
  return entries.flatMap((entry) => {
    const judgement = judge(entry, stored);
    if (judgement.kind === "open") return entry;
    if (judgement.kind === "conflict") {
      return { ...entry, content: { kind: "rejected" as const, rejection: judgement.rejection } };
    }
    done.push({ entry, account: judgement });
    return [];
  });
}

function newAccount(row: NewRow): Account {
  if (row.kind === "decision") return { kind: "decided", decision: row.decision, isNew: true };
  return { kind: "dead_letter", rejection: row.rejection, isNew: true, requeued: false };
}

function letter({ sequence, receivedAt, content }: Entry): NewRow {
  if (content.kind !== "rejected") throw new Error("only a rejected event becomes a dead letter");
  return { kind: "dead_letter", sequence, receivedAt, rejection: content.rejection, channel: content.channel };
}

function decide({ sequence, receivedAt, content }: Entry, opinion: ReturnType<ModelParts["score"]>): NewRow {
  if (content.kind !== "application") throw new Error("only an application is decided");
  return {
    kind: "decision",
    modelId: 1,
    reasonMethod: null,
    application: content.event,
    event: content.text,
    decision: {
      ...opinion,
      applicationId: content.event.application_id,
      channel: content.channel,
      submittedAt: content.submittedAt,
      receivedAt,
      scoredAt: receivedAt + 1,
      model: { name: "model", version: "1", sha256: "0".repeat(64) },
      policyVersion: "1",
      riskBand: "medium",
      reasons: [],
      sequence,
      supersedes: undefined,
    },
  };
}
