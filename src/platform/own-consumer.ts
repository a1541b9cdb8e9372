import { type Consumer, DeliverPolicy, JetStreamError, type JetStreamManager } from "@nats-io/jetstream";
import { isBrokerOutage, isMissing } from "./refusals.ts";

export type Range = {
  readonly stream: string;
  /** The first sequence. */
  readonly from: number;
  /** A subject, wildcards allowed; all when undefined. */
  readonly filter?: string | undefined;
  /** Leaves the payloads at the broker; their sizes are in the header `Nats-Msg-Size`. */
  readonly headersOnly?: boolean;
};

/** A consumer of one's own, whose messages nobody else gets; in order, without acknowledgements. */
export function consumerFrom(jsm: JetStreamManager, { stream, from, filter, headersOnly }: Range): Promise<Consumer> {
  return jsm.jetstream().consumers.get(stream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, from),
    ...(filter !== undefined && { filter_subjects: filter }),
    ...(headersOnly && { headers_only: true }),
  });
}

/**
 * How many messages a stream has from a sequence on. By this a reader knows that it has all: what the broker sends into a
 * connection that breaks counts as delivered for the consumer that it had.
 */
export async function countFrom(jsm: JetStreamManager, range: Range): Promise<number> {
  const consumer = await consumerFrom(jsm, range);
  try {
    return (await consumer.info()).num_pending;
  } finally {
    await consumer.delete().catch(() => {});
  }
}

/** Whether another consumer can go on where this one was given up: the broker was away, or has forgotten it. */
export function isInterruption(error: unknown): boolean {
  return isBrokerOutage(error) || isMissing(error) || error instanceof JetStreamError;
}
