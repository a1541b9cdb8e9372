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
