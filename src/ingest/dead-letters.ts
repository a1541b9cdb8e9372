import type { JetStreamManager, StoredMsg } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { DEAD_LETTER_HEADERS, type DeadLetterReason } from "../contracts/dead-letter.ts";
import { INPUT_STREAMS, type InputStream } from "../contracts/subjects.ts";
import { UsageError } from "../platform/errors.ts";
import { isMissing } from "../platform/refusals.ts";
import { storedMessages } from "./stored-messages.ts";

const STREAM = "DEADLETTERS";

/** The message that was rejected: `applications-17` is the one with sequence 17 in APPLICATIONS. */
export type DeadLetterId = { readonly input: InputStream; readonly sequence: number };

/** A dead letter without its payload. */
export type DeadLetter = DeadLetterId & {
  readonly reason: string;
  /** What is wrong, as a sentence. */
  readonly error: string;
  /** That the message was published to. */
  readonly subject: string;
  /** When it was dead-lettered, RFC 3339. */
  readonly time: string;
  /** Of the payload. */
  readonly bytes: number;
  /** Its sequence in DEADLETTERS. */
  readonly ownSequence: number;
};

export type WholeDeadLetter = DeadLetter & { readonly headers: MsgHdrs; readonly payload: Uint8Array };

export type DeadLetterFilter = {
  readonly reason: DeadLetterReason | undefined;
  readonly input: InputStream | undefined;
};

/** The dead letters that are there now, oldest first, without their payloads. */
export async function* listDeadLetters(
  jsm: JetStreamManager,
  { reason, input }: DeadLetterFilter,
  signal: AbortSignal,
): AsyncGenerator<DeadLetter> {
  const filter = `deadletters.${reason ?? "*"}.${input ?? "*"}.*`;
  for await (const { subject, seq, time, headers } of storedMessages(
    jsm,
    { stream: STREAM, filter, headersOnly: true },
    signal,
  )) {
    yield describe(subject, seq, time, headers, Number(headers?.get("Nats-Msg-Size") ?? 0));
  }
}

/** So many sequences of DEADLETTERS are looked through first; then twice as many, and so on. */
const FIRST_STRETCH = 500;
/** In all, of one request; the next one goes on. */
const MOST_STRETCH = 64_000;

/**
 * The newest dead letters, newest first, without their payloads. There may be fewer than `limit`, even none, and older ones
 * all the same: then many were looked through and few fit.
 *
 * @param before only those whose own sequence is smaller.
 * @returns `next`, the own sequence that the next page begins before; undefined when there is none.
 */
export async function newestDeadLetters(
  jsm: JetStreamManager,
  { reason, limit, before }: { reason: DeadLetterReason | undefined; limit: number; before: number | undefined },
  signal: AbortSignal,
): Promise<{ letters: DeadLetter[]; next: number | undefined }> {
  const { first_seq, last_seq } = await streamState(jsm);
  const filter = `deadletters.${reason ?? "*"}.*.*`;
  const letters: DeadLetter[] = [];
  let to = Math.min(before ?? Number.POSITIVE_INFINITY, last_seq + 1);
  for (let stretch = FIRST_STRETCH; stretch <= MOST_STRETCH && to > first_seq && letters.length < limit; stretch *= 2) {
    const from = Math.max(first_seq, to - stretch);
    const found: DeadLetter[] = [];
    const selection = { stream: STREAM, filter, headersOnly: true, from, before: to };
    for await (const { subject, seq, time, headers } of storedMessages(jsm, selection, signal)) {
      found.push(describe(subject, seq, time, headers, Number(headers?.get("Nats-Msg-Size") ?? 0)));
    }
    letters.push(...found.reverse());
    to = from;
  }
  if (letters.length > limit) to = letters[limit - 1]!.ownSequence;
  return { letters: letters.slice(0, limit), next: to > first_seq ? to : undefined };
}

async function streamState(jsm: JetStreamManager): Promise<{ first_seq: number; last_seq: number }> {
  try {
    return (await jsm.streams.info(STREAM)).state;
  } catch (error) {
    if (isMissing(error)) return { first_seq: 0, last_seq: 0 };
    throw error;
  }
}

/** The dead letter of a message; undefined when there is none. */
export function findDeadLetter(
  jsm: JetStreamManager,
  wanted: DeadLetterId | DeadLetter,
): Promise<WholeDeadLetter | undefined> {
  // By its own sequence where that is known: a subject with a wildcard has the broker search, 20 ms among 100,000.
  if ("ownSequence" in wanted) return read(jsm.streams.getMessage(STREAM, { seq: wanted.ownSequence }));
  return read(jsm.streams.getMessage(STREAM, { last_by_subj: `deadletters.*.${wanted.input}.${wanted.sequence}` }));
}

/** Deletes a dead letter; fine when somebody else has done so. */
export async function deleteDeadLetter(jsm: JetStreamManager, { ownSequence }: DeadLetter): Promise<void> {
  try {
    await jsm.streams.deleteMessage(STREAM, ownSequence, false);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** As a person types it. */
export function deadLetterName({ input, sequence }: DeadLetterId): string {
  return `${input}-${sequence}`;
}

/** @throws UsageError when it isn't one. */
export function parseDeadLetterName(name: string): DeadLetterId {
  const [, stream, digits] = /^([a-z]+)-(\d{1,15})$/.exec(name) ?? [];
  const input = INPUT_STREAMS.find((candidate) => candidate === stream);
  if (input === undefined) {
    throw new UsageError(
      `${name} names no dead letter: write it as \`deadletters list\` shows it, such as applications-17`,
    );
  }
  return { input, sequence: Number(digits) };
}

async function read(message: Promise<StoredMsg | null>): Promise<WholeDeadLetter | undefined> {
  try {
    const found = await message;
    if (found === null) return undefined;
    const { subject, seq, time, header, data } = found;
    return { ...describe(subject, seq, time, header, data.length), headers: header, payload: data };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function describe(
  subject: string,
  ownSequence: number,
  time: Date,
  headers: MsgHdrs | undefined,
  bytes: number,
): DeadLetter {
  const [, reason = "", stream, sequence] = subject.split(".");
  return {
    input: stream as InputStream,
    sequence: Number(sequence),
    reason,
    error: headers?.get(DEAD_LETTER_HEADERS.error) ?? "",
    subject: headers?.get(DEAD_LETTER_HEADERS.subject) ?? "",
    time: time.toISOString(),
    bytes,
    ownSequence,
  };
}
