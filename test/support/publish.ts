import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiError, type JetStreamClient } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";

export type Outgoing = {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Nats-Msg-Id. Without one, a retry after a lost answer stores a copy. */
  readonly messageId?: string | undefined;
  readonly headers?: MsgHdrs;
  /** The reason of the dead letter that it must become; unset for a valid application. */
  readonly expected?: string;
};

/** A message in APPLICATIONS, by the word of the broker. */
export type Acknowledged = Outgoing & { readonly sequence: number };

export type Published = {
  readonly acknowledged: Acknowledged[];
  /** Sent at least once without an answer; nobody knows whether that copy was stored. */
  readonly unanswered: Outgoing[];
};

const ANSWER_WITHIN_MS = 1_000;
const RETRY_AFTER_MS = 100;

/** Publishes until the broker acknowledges it. A stream that is full or away is waited for. */
export async function publishSurely(js: JetStreamClient, message: Outgoing, published: Published): Promise<void> {
  const { subject, payload, messageId, headers } = message;
  let isUnanswered = false;
  for (;;) {
    try {
      const { seq } = await js.publish(subject, payload, {
        timeout: ANSWER_WITHIN_MS,
        ...(messageId !== undefined && { msgID: messageId }),
        ...(headers && { headers }),
      });
      published.acknowledged.push({ ...message, sequence: seq });
      return;
    } catch (error) {
      if (!(error instanceof JetStreamApiError) && !isUnanswered) {
        isUnanswered = true;
        published.unanswered.push(message);
      }
      await sleep(RETRY_AFTER_MS);
    }
  }
}

const AT_A_TIME = 500;

/** Publishes all, some hundred at a time. */
export async function publishAll(js: JetStreamClient, messages: Iterable<Outgoing>): Promise<Published> {
  const published: Published = { acknowledged: [], unanswered: [] };
  const rest = messages[Symbol.iterator]();
  async function publishOn(): Promise<void> {
    for (let next = rest.next(); !next.done; next = rest.next()) await publishSurely(js, next.value, published);
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, publishOn));
  return published;
}

export type Stream = {
  /** Messages acknowledged so far. */
  count(): number;
  /** Makes no more and waits until all are acknowledged. */
  finish(): Promise<Published>;
};

const TICK_MS = 20;
const MOST_OPEN = 2_000;

/** Publishes at a steady rate until told to finish. */
export function publishSteadily(js: JetStreamClient, next: () => Outgoing, perSecond: number): Stream {
  const published: Published = { acknowledged: [], unanswered: [] };
  const open = new Set<Promise<void>>();
  const startedAt = Date.now();
  let made = 0;
  const timer = setInterval(() => {
    const due = ((Date.now() - startedAt) / 1000) * perSecond;
    for (; made < due && open.size < MOST_OPEN; made++) {
      const sent = publishSurely(js, next(), published).finally(() => open.delete(sent));
      open.add(sent);
    }
  }, TICK_MS);
  return {
    count: () => published.acknowledged.length,
    async finish() {
      clearInterval(timer);
      await Promise.all(open);
      return published;
    },
  };
}

export function merged(...parts: readonly Published[]): Published {
  return {
    acknowledged: parts.flatMap(({ acknowledged }) => acknowledged),
    unanswered: parts.flatMap(({ unanswered }) => unanswered),
  };
}
