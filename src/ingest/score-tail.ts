import { DeliverPolicy, type JetStreamManager, type OrderedConsumerOptions } from "@nats-io/jetstream";
import type { Decision, ScoreEvent } from "../contracts/score.ts";
import { isMissing } from "../platform/refusals.ts";
import { pause } from "../platform/retry.ts";

/** A score event as it stands in SCORES. */
export type FollowedScore = {
  readonly text: string;
  /** When the broker took it, in milliseconds since 1970. */
  readonly publishedAt: number;
};

export type TailOptions = {
  readonly channel: string | undefined;
  readonly decision: Decision | undefined;
  /** A sequence in SCORES, or everything that is kept, or only what comes. */
  readonly from: number | "start" | "new";
  readonly signal: AbortSignal;
  /** Told when there is no stream to follow yet. */
  readonly onWaiting: () => void;
};

const STREAM = "SCORES";
const ASK_AGAIN_MS = 500;

/** Follows the score events in their order, for ever; ends when the signal aborts or the connection is closed for good. */
export async function* followScores(jsm: JetStreamManager, options: TailOptions): AsyncGenerator<FollowedScore> {
  const { channel, decision, signal } = options;
  if (!(await untilThere(jsm, options))) return;
  const consumer = await jsm.jetstream().consumers.get(STREAM, {
    filter_subjects: `scores.${channel ?? "*"}.${decision ?? "*"}.*`,
    ...startOf(options.from),
  });
  const messages = await consumer.consume();
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      yield { text: message.string(), publishedAt: message.info.timestampNanos / 1e6 };
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await messages.close();
    await consumer.delete().catch(() => {});
  }
}

function startOf(from: TailOptions["from"]): Partial<OrderedConsumerOptions> {
  if (from === "start") return { deliver_policy: DeliverPolicy.All };
  if (from === "new") return { deliver_policy: DeliverPolicy.New };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
}

/** Waits for the stream that the first scorer makes; false when the signal aborts. */
async function untilThere(jsm: JetStreamManager, { signal, onWaiting }: TailOptions): Promise<boolean> {
  for (let asked = 0; !signal.aborted; asked++) {
    try {
      await jsm.streams.info(STREAM);
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (asked === 0) onWaiting();
    await pause(ASK_AGAIN_MS, signal).catch(() => {});
  }
  return false;
}

/** A score event as one line for a person: time, id, channel, score, decision, latency, top reason. */
export function scoreLine({ text, publishedAt }: FollowedScore): string {
  const score = JSON.parse(text) as ScoreEvent;
  const [reason] = score.reasons;
  // Both times are the broker's, so no two clocks are compared.
  const latencyMs = Math.max(0, publishedAt - Date.parse(score.received_at));
  return [
    score.scored_at,
    score.application_id.padEnd(16),
    score.channel.padEnd(10),
    score.score.toFixed(4),
    score.decision.padEnd(7),
    `${latencyMs.toFixed(0)} ms`.padStart(7),
    reason === undefined ? "" : `${reason.code} ${reason.text}`,
  ].join("  ");
}
