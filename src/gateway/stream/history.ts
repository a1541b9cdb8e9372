import type { JetStreamManager } from "@nats-io/jetstream";
import { scoreFrame } from "./frames.ts";
import { countScores, keptRange, scoresFrom } from "./kept-scores.ts";
import type { FramedScore } from "./recent-scores.ts";
import { scoreMessage } from "./score-tail.ts";

/** At a time, at the broker and in memory. */
const AT_ONCE = 200;

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
  let next = from;
  // One consumer reads it all, unless the connection to the broker breaks: what the broker sent into it counts as delivered.
  while (!signal.aborted) {
    for await (const portion of readOn(jsm, next, signal)) {
      if (portion.length > 0) next = portion.at(-1)!.sequence + 1;
      yield portion;
    }
    // Nothing more is there; or what was is too old by now.
    if ((await keptRange(jsm)).first > next) throw new Expired();
    if ((await countScores(jsm, next)) === 0) return;
  }
}

async function* readOn(
  jsm: JetStreamManager,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<readonly FramedScore[]> {
  const consumer = await scoresFrom(jsm, from);
  let next = from;
  try {
    while (!signal.aborted) {
      const { num_pending } = await consumer.info();
      if (num_pending === 0) return;
      const messages = await consumer.fetch({ max_messages: Math.min(AT_ONCE, num_pending), expires: 5_000 });
      const portion: FramedScore[] = [];
      for await (const message of messages) {
        if (signal.aborted) return;
        // A consumer that the library made anew may repeat what the one before had delivered.
        if (message.seq < next) continue;
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
