import { headers } from "@nats-io/transport-node";
import { DEAD_LETTER_HEADERS, headerText } from "../contracts/dead-letter.ts";
import { scoreEvent } from "../contracts/score.ts";
import { deadLetterSubject, scoreSubject } from "../contracts/subjects.ts";
import { carriedHeaders } from "../platform/carried-headers.ts";
import { headersOf } from "../platform/delivery.ts";
import type { Publication, Receipt } from "../platform/publisher.ts";
import type { Entry } from "./entry.ts";
import type { Account } from "./judge.ts";

/** The message that makes an account known; undefined where nothing is to be published. */
export function publicationOf({ message, sequence }: Entry, account: Account): Publication | undefined {
  const carried = carriedHeaders(headersOf(message));
  if (account.kind === "decided") {
    const { channel, decision, applicationId } = account.decision;
    return {
      subject: scoreSubject(channel, decision, applicationId),
      payload: JSON.stringify(scoreEvent(account.decision)),
      headers: carried,
    };
  }
  if (account.kind === "repetition" || account.requeued) return undefined;
  const { reason, error } = account.rejection;
  const letter = carried ?? headers();
  letter.set(DEAD_LETTER_HEADERS.reason, reason);
  letter.set(DEAD_LETTER_HEADERS.error, headerText(error));
  letter.set(DEAD_LETTER_HEADERS.subject, message.subject);
  letter.set(DEAD_LETTER_HEADERS.sequence, String(sequence));
  return { subject: deadLetterSubject(reason, "applications", sequence), payload: message.data, headers: letter };
}

const MESSAGE_EXISTS = "maximum messages per subject exceeded";
const WRONG_LAST_SEQUENCE = 10071;

/**
 * Whether a receipt says that the message is in the stream, put there now or before. A stream that is full refuses with
 * the code of one that has the subject's message already (10077); only the description tells them apart.
 */
export function isPublished(receipt: Receipt): boolean {
  if (receipt.kind === "stored") return true;
  if (receipt.kind === "unanswered") return false;
  return receipt.code === WRONG_LAST_SEQUENCE || receipt.description.includes(MESSAGE_EXISTS);
}
