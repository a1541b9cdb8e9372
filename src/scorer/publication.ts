import { headers } from "@nats-io/transport-node";
import { DEAD_LETTER_HEADERS, headerText } from "../contracts/dead-letter.ts";
import { scoreEvent } from "../contracts/score.ts";
import { deadLetterSubject, scoreSubject } from "../contracts/subjects.ts";
import { carriedHeaders } from "../platform/carried-headers.ts";
import { headersOf } from "../platform/delivery.ts";
import type { Publication } from "../platform/publisher.ts";
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
