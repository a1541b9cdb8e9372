import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import { consumerFrom, countFrom, type Range } from "../platform/own-consumer.ts";
import { isMissing } from "../platform/refusals.ts";

export type Selection = {
  readonly stream: string;
  /** A subject, wildcards allowed. */
  readonly filter: string;
  /** Leaves the payloads at the broker; their sizes are in the header `Nats-Msg-Size`. */
  readonly headersOnly: boolean;
  /** Only sequences from here on, and before `before`. */
  readonly from?: number | undefined;
  readonly before?: number | undefined;
};

const AT_ONCE = 1_000;
/** For messages that were counted and then deleted by somebody else: they never come. */
const WAIT_MS = 2_000;

/**
 * The messages that a stream holds at this moment, in order, whatever breaks meanwhile; none when there is no such stream.
 * What comes later isn't waited for. Ends early when the signal aborts.
 */
export async function* storedMessages(
  jsm: JetStreamManager,
  { stream, filter, headersOnly, from = 1, before = Number.POSITIVE_INFINITY }: Selection,
  signal: AbortSignal,
): AsyncGenerator<JsMsg> {
  const last = Math.min(before - 1, await lastSequence(jsm, stream));
  let next = from;
  const range = () => ({ stream, filter, headersOnly, from: next });
  // One consumer reads it all, unless a connection breaks.
  while (next <= last && !signal.aborted && (await countFrom(jsm, range())) > 0) {
    for await (const message of readOn(jsm, range(), signal)) {
      // A consumer that the library made anew may repeat what the one before had delivered.
      if (message.seq < next) continue;
      if (message.seq > last) return;
      next = message.seq + 1;
      yield message;
    }
  }
}

/** Until the consumer has delivered all that there is, which need not have arrived. */
async function* readOn(jsm: JetStreamManager, range: Range, signal: AbortSignal): AsyncGenerator<JsMsg> {
  const consumer = await consumerFrom(jsm, range);
  try {
    while (!signal.aborted) {
      const { num_pending } = await consumer.info();
      if (num_pending === 0) return;
      const messages = await consumer.fetch({ max_messages: Math.min(AT_ONCE, num_pending), expires: WAIT_MS });
      const stop = () => messages.stop();
      signal.addEventListener("abort", stop, { once: true });
      try {
        yield* messages;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    }
  } finally {
    await consumer.delete().catch(() => {});
  }
}

async function lastSequence(jsm: JetStreamManager, stream: string): Promise<number> {
  try {
    const { state } = await jsm.streams.info(stream);
    return state.messages === 0 ? 0 : state.last_seq;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
