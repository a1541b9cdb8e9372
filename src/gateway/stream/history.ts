import { DeliverPolicy, type JetStreamManager } from "@nats-io/jetstream";
import { scoreFrame } from "./frames.ts";
import type { FramedScore } from "./recent-scores.ts";
import { scoreMessage } from "./score-tail.ts";

const STREAM = "SCORES";
/** At a time, at the broker and in memory. */
const AT_ONCE = 200;

/** The first sequence that SCORES still has, and the newest. */
export async function keptRange(jsm: JetStreamManager): Promise<{ first: number; last: number }> {
  const { first_seq, last_seq } = (await jsm.streams.info(STREAM)).state;
  return { first: first_seq, last: last_seq };
}

/**
 * What SCORES holds from a sequence on, in order, in portions, up to what it holds at this moment. Read no faster than it
 * is taken.
 * @throws Expired when messages went while they were read: then some are missing.
 */
export async function* readHistory(
  jsm: JetStreamManager,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<readonly FramedScore[]> {
  const consumer = await jsm
    .jetstream()
    .consumers.get(STREAM, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from });
  let next = from;
  try {
    while (!signal.aborted) {
      const { num_pending } = await consumer.info();
      if (num_pending === 0) return;
      const messages = await consumer.fetch({ max_messages: Math.min(AT_ONCE, num_pending), expires: 5_000 });
      const portion: FramedScore[] = [];
      for await (const message of messages) {
        if (signal.aborted) return;
        // A gap may be the stream's own; or what was there is too old by now.
        if (message.seq > next && (await keptRange(jsm)).first > next) throw new Expired();
        next = message.seq + 1;
        const { channel, decision, text } = scoreMessage(message);
        portion.push({ sequence: message.seq, channel, decision, frame: scoreFrame({ sequence: message.seq, text }) });
      }
      yield portion;
    }
  } finally {
    await consumer.delete().catch(() => {});
  }
}

/** What was asked for is no longer kept. */
export class Expired extends Error {
  override readonly name = "Expired";
}
