import { type Consumer, DeliverPolicy, type JetStreamManager } from "@nats-io/jetstream";

const STREAM = "SCORES";

/** The first sequence that SCORES still has, and the newest. */
export async function keptRange(jsm: JetStreamManager): Promise<{ first: number; last: number }> {
  const { first_seq, last_seq } = (await jsm.streams.info(STREAM)).state;
  return { first: first_seq, last: last_seq };
}

/** How many messages SCORES has from a sequence on. */
export async function countFrom(jsm: JetStreamManager, sequence: number): Promise<number> {
  const consumer = await consumerFrom(jsm, sequence);
  try {
    return (await consumer.info()).num_pending;
  } finally {
    await consumer.delete().catch(() => {});
  }
}

/** One of our own, whose messages nobody else gets. */
export function consumerFrom(jsm: JetStreamManager, sequence: number): Promise<Consumer> {
  const options = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence };
  return jsm.jetstream().consumers.get(STREAM, options);
}
