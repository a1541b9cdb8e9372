import { DeliverPolicy, type JetStreamManager, type JsMsg } from "@nats-io/jetstream";
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
const IDLE_MS = 1_000;

/**
 * The messages that a stream holds at this moment, in order; none when there is no such stream. What comes later isn't
 * waited for. Ends early when the signal aborts.
 */
export async function* storedMessages(
  jsm: JetStreamManager,
  { stream, filter, headersOnly, from, before = Number.POSITIVE_INFINITY }: Selection,
  signal: AbortSignal,
): AsyncGenerator<JsMsg> {
  const last = Math.min(before - 1, await lastSequence(jsm, stream));
  if (last < (from ?? 1)) return;
  const consumer = await jsm.jetstream().consumers.get(stream, {
    filter_subjects: filter,
    headers_only: headersOnly,
    ...(from !== undefined && { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, from) }),
  });
  if ((await consumer.info(true)).num_pending === 0) return;
  const messages = await consumer.consume({ max_messages: AT_ONCE });
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop, { once: true });

  // The messages that were still to come may be deleted by somebody else meanwhile: then there is no last one.
  let isWaiting = true;
  let idleTicks = 0;
  const watch = setInterval(async () => {
    idleTicks = isWaiting ? idleTicks + 1 : 0;
    if (idleTicks < 2) return;
    const { num_pending } = await consumer.info().catch(() => ({ num_pending: Number.NaN }));
    if (num_pending === 0 && isWaiting && idleTicks >= 2) stop();
  }, IDLE_MS);

  try {
    for await (const message of messages) {
      isWaiting = false;
      idleTicks = 0;
      if (signal.aborted || message.seq > last) return;
      yield message;
      if (message.seq === last || message.info.pending === 0) return;
      isWaiting = true;
    }
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", stop);
    await messages.close();
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
