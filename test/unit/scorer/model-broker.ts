import type { Msg } from "@nats-io/transport-node";
import type { Publication } from "../../../src/platform/publisher.ts";

/**
 * What the guarantee assumes of a broker, and no more: the specification that the pipeline is checked against. It
 * delivers at least once, late, twice and to several at once; it forgets acknowledgements; it keeps one message per
 * subject of what the pipeline publishes.
 */
export type ModelBroker = {
  /** Stores a message in APPLICATIONS; returns its sequence. */
  send(subject: string, payload: string): number;
  /** Up to `count` messages that wait. */
  deliver(count: number): Msg[];
  ack(message: Msg): void;
  /** The ack wait is over: whatever is not acknowledged waits again, whoever holds it. */
  timeOut(): void;
  /** kill -9: the latest acknowledgements are forgotten, and so is how often each message was delivered. */
  restart(forgotten: number): void;
  /** Messages that are not settled. */
  open(): number;
  /** Stores a publication unless its subject has a message. */
  publish(publication: Publication): void;
  /** A requeue takes the dead letter away. */
  remove(subject: string): void;
  readonly sent: ReadonlyMap<number, Sent>;
  readonly published: ReadonlyMap<string, string>;
  /** Every publication, stored or refused. */
  readonly attempts: readonly { readonly subject: string; readonly payload: string }[];
};

export type Sent = { readonly sequence: number; readonly subject: string; readonly payload: string };

export function createModelBroker(): ModelBroker {
  const sent = new Map<number, Sent>();
  const waiting = new Set<number>();
  const delivered = new Set<number>();
  const acknowledged: number[] = [];
  const deliveries = new Map<number, number>();
  const published = new Map<string, string>();
  const attempts: { subject: string; payload: string }[] = [];

  function reclaim(): void {
    for (const sequence of delivered) waiting.add(sequence);
    delivered.clear();
  }

  return {
    sent,
    published,
    attempts,
    send(subject, payload) {
      const sequence = sent.size + 1;
      sent.set(sequence, { sequence, subject, payload });
      waiting.add(sequence);
      return sequence;
    },
    deliver(count) {
      return [...waiting].slice(0, count).map((sequence) => {
        const times = (deliveries.get(sequence) ?? 0) + 1;
        deliveries.set(sequence, times);
        waiting.delete(sequence);
        delivered.add(sequence);
        return messageOf(sent.get(sequence)!, times);
      });
    },
    ack(message) {
      const sequence = Number(message.reply!.split(".")[5]);
      if (!delivered.delete(sequence) && !waiting.delete(sequence)) return;
      acknowledged.push(sequence);
    },
    timeOut: reclaim,
    restart(forgotten) {
      reclaim();
      for (const sequence of acknowledged.splice(-forgotten, forgotten)) waiting.add(sequence);
      deliveries.clear();
    },
    open: () => waiting.size + delivered.size,
    publish({ subject, payload }) {
      const text = Buffer.from(payload).toString();
      attempts.push({ subject, payload: text });
      if (!published.has(subject)) published.set(subject, text);
    },
    remove: (subject) => published.delete(subject),
  };
}

/** A delivered message as far as the pipeline reads it. */
function messageOf({ sequence, subject, payload }: Sent, times: number): Msg {
  const nanoseconds = 1_767_225_600_000_000_000n + BigInt(sequence) * 1_000_000n;
  const reply = `$JS.ACK.APPLICATIONS.scorer.${times}.${sequence}.${sequence}.${nanoseconds}.0`;
  return { subject, reply, data: Buffer.from(payload), headers: undefined } as unknown as Msg;
}
