import type { Consumer, JetStreamManager, JsMsg } from "@nats-io/jetstream";
import { consumerFrom, isInterruption } from "../platform/own-consumer.ts";
import { isMissing } from "../platform/refusals.ts";
import { pause } from "../platform/retry.ts";

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
const AGAIN_MS = 500;
const GIVE_UP_MS = 60_000;

/**
 * The messages that a stream holds at this moment, in order; none when there is no such stream. What comes later isn't waited
 * for. A connection that breaks, or a broker that is started again, is waited for. Ends early when the signal aborts.
 * @throws what the broker said last, when nothing could be read for a minute.
 */
export async function* storedMessages(
  jsm: JetStreamManager,
  { stream, filter, headersOnly, from = 1, before = Number.POSITIVE_INFINITY }: Selection,
  signal: AbortSignal,
): AsyncGenerator<JsMsg> {
  const last = Math.min(before - 1, await lastSequence(jsm, stream));
  let next = from;
  let giveUpAt = Date.now() + GIVE_UP_MS;
  while (next <= last && !signal.aborted) {
    try {
      const consumer = await consumerFrom(jsm, { stream, filter, headersOnly, from: next });
      // What the broker sends into a connection that breaks counts as delivered: only a new consumer knows that all was read.
      if ((await consumer.info(true)).num_pending === 0) {
        await forget(consumer);
        return;
      }
      for await (const message of readOn(consumer, signal)) {
        if (signal.aborted || message.seq > last) return;
        // A consumer that the library made anew may repeat what the one before had delivered.
        if (message.seq < next) continue;
        next = message.seq + 1;
        yield message;
        giveUpAt = Date.now() + GIVE_UP_MS;
      }
    } catch (error) {
      if (!isInterruption(error) || Date.now() > giveUpAt) throw error;
      await pause(AGAIN_MS, signal).catch(() => {});
    }
  }
}

/** Until the consumer has delivered all that there is, which need not have arrived. */
async function* readOn(consumer: Consumer, signal: AbortSignal): AsyncGenerator<JsMsg> {
  try {
    for (;;) {
      const { num_pending } = await consumer.info();
      if (num_pending === 0 || signal.aborted) return;
      const messages = await consumer.fetch({ max_messages: Math.min(AT_ONCE, num_pending), expires: WAIT_MS });
      const stop = () => messages.stop();
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      try {
        yield* messages;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    }
  } finally {
    await forget(consumer);
  }
}

/** One that the broker can't be told of now goes by itself. */
async function forget(consumer: Consumer): Promise<void> {
  await consumer.delete().catch(() => {});
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
