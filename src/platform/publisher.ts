import type { MsgHdrs } from "@nats-io/transport-node";
import { createReplySubject, type NatsConnection } from "./nats.ts";

export type Publication = {
  readonly subject: string;
  readonly payload: Uint8Array | string;
  readonly headers?: MsgHdrs | undefined;
};

/** What became of a publication: stored, refused by the stream, or not answered in time (stored or not, nobody knows). */
export type Receipt =
  | { readonly kind: "stored"; readonly sequence: number; readonly duplicate: boolean }
  | { readonly kind: "refused"; readonly code: number; readonly description: string }
  | { readonly kind: "unanswered" };

export type Publisher = {
  /** Publishes all at once and waits for every acknowledgement; receipts are in the order of the publications. */
  publish(publications: readonly Publication[]): Promise<Receipt[]>;
  /** Expects no more answers: what is waited for ends as unanswered. */
  close(): void;
};

/**
 * Publishes to JetStream with one reply subscription for the life of the connection. The client library's
 * `publish()` makes a request object, a timer and a promise per message, which costs more than the message.
 */
export function createPublisher(nc: NatsConnection, timeoutMs = 5_000): Publisher {
  const inbox = createReplySubject(nc);
  const waiting = new Map<string, (receipt: Receipt) => void>();
  const unfinished = new Set<() => void>();
  let lastToken = 0;

  const subscription = nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) return;
      const token = message.subject.slice(inbox.length + 1);
      const settle = waiting.get(token);
      if (!settle) return;
      waiting.delete(token);
      settle(readReceipt(message.data, message.headers?.code));
    },
  });

  return {
    publish(publications) {
      const receipts: Receipt[] = publications.map(() => ({ kind: "unanswered" }));
      if (publications.length === 0) return Promise.resolve(receipts);
      const { promise, resolve, reject } = Promise.withResolvers<Receipt[]>();
      const tokens: string[] = [];
      let open = publications.length;
      const finish = () => {
        clearTimeout(timer);
        for (const token of tokens) waiting.delete(token);
        unfinished.delete(finish);
        resolve(receipts);
      };
      unfinished.add(finish);
      const timer = setTimeout(finish, timeoutMs);
      try {
        publications.forEach(({ subject, payload, headers }, index) => {
          const token = (lastToken++).toString(36);
          tokens.push(token);
          waiting.set(token, (receipt) => {
            receipts[index] = receipt;
            if (--open === 0) finish();
          });
          nc.publish(subject, payload, { reply: `${inbox}.${token}`, ...(headers && { headers }) });
        });
      } catch (error) {
        // A payload beyond the broker's limit, or a connection that is closed for good: trying again won't help.
        reject(error);
        finish();
      }
      return promise;
    },
    close() {
      subscription.unsubscribe();
      for (const finish of unfinished) finish();
    },
  };
}

const NO_RESPONDERS = 503;

function readReceipt(data: Uint8Array, status: number | undefined): Receipt {
  // No stream listens yet: JetStream is starting, or has no leader. Nothing was stored, but it may be soon.
  if (status === NO_RESPONDERS) return { kind: "unanswered" };
  try {
    const answer = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as {
      seq?: number;
      duplicate?: boolean;
      error?: { code?: number; err_code?: number; description?: string };
    };
    if (answer.error) {
      const { err_code, code, description } = answer.error;
      return { kind: "refused", code: err_code ?? code ?? 0, description: description ?? "" };
    }
    return { kind: "stored", sequence: answer.seq ?? 0, duplicate: answer.duplicate === true };
  } catch {
    return { kind: "unanswered" };
  }
}
