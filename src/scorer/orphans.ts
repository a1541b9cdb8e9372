import type { ConsumerInfo, JetStreamManager } from "@nats-io/jetstream";
import type { ConsumerDeclaration } from "../contracts/streams.ts";
import type { Logger } from "../platform/log.ts";
import { ensureConsumer } from "../platform/topology.ts";

/**
 * Returns a look at the stream that finds messages which the broker holds and will never deliver. After a kill -9 a
 * work queue may have messages again that were settled: their removal was not on the disk yet, the consumer's position
 * was. They would take up the room of the backlog for ever. Made anew, the consumer delivers whatever the stream holds,
 * and what is accounted for is recognised like any redelivery. (Purging them instead would trust the position of a
 * consumer over a stream that may have lost its end, and its sequences with it, in a power failure.)
 */
export function createOrphanSearch(jsm: JetStreamManager, consumer: ConsumerDeclaration, log: Logger) {
  const { stream, durable_name: name } = consumer;
  let suspect = 0;

  return async function look({ ack_floor }: ConsumerInfo): Promise<void> {
    const { state } = await jsm.streams.info(stream);
    const isOrphan = state.messages > 0 && state.first_seq <= ack_floor.stream_seq;
    // Seen once it may just be about to leave.
    const isCertain = isOrphan && state.first_seq === suspect;
    suspect = isOrphan ? state.first_seq : 0;
    if (!isCertain) return;
    log.warn(
      { first: state.first_seq, settledUpTo: ack_floor.stream_seq },
      "the broker has applications again that were settled, making its consumer anew",
    );
    await jsm.consumers.delete(stream, name);
    await ensureConsumer(jsm, consumer);
  };
}
