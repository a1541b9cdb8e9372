import type { JetStreamManager } from "@nats-io/jetstream";
import type { Decision, ScoreEvent } from "../contracts/score.ts";
import { consumerFrom, countFrom, type Range } from "../platform/own-consumer.ts";
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
const LOOK_MS = 2_000;

/** Follows the score events in their order, for ever; ends when the signal aborts or the connection is closed for good. */
export async function* followScores(jsm: JetStreamManager, options: TailOptions): AsyncGenerator<FollowedScore> {
  const { channel, decision, signal } = options;
  if (!(await untilThere(jsm, options))) return;
  const filter = `scores.${channel ?? "*"}.${decision ?? "*"}.*`;
  let from: number | undefined = await startOf(jsm, options.from);
  while (from !== undefined) from = yield* readOn(jsm, { stream: STREAM, filter, from }, signal);
}

/**
 * Reads with one consumer. Returns where another has to go on, because the stream has what this one isn't given any more: what
 * the broker sends into a connection that breaks counts as delivered. Undefined at the end.
 */
async function* readOn(
  jsm: JetStreamManager,
  range: Range,
  signal: AbortSignal,
): AsyncGenerator<FollowedScore, number | undefined> {
  const consumer = await consumerFrom(jsm, range);
  const messages = await consumer.consume({ idle_heartbeat: 1_000 });
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  let next = range.from;
  let before: number | undefined;
  /** Up to here the stream is known to have nothing for us. */
  let seen = 0;
  let isMissingSome = false;
  async function look(): Promise<void> {
    const at = next;
    const hasMoved = at !== before;
    before = at;
    if (hasMoved) return;
    const { last_seq } = (await jsm.streams.info(STREAM)).state;
    if (last_seq === seen || last_seq < at) return;
    if ((await countFrom(jsm, { ...range, from: at })) === 0) seen = last_seq;
    else if (next === at) {
      isMissingSome = true;
      stop();
    }
  }
  // A broker that is away just then is asked again the next time.
  const looking = setInterval(() => void look().catch(() => {}), LOOK_MS);
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      // A consumer that the library made anew may repeat what the one before had delivered.
      if (message.seq < next) continue;
      next = message.seq + 1;
      yield { text: message.string(), publishedAt: message.info.timestampNanos / 1e6 };
    }
    return isMissingSome && !signal.aborted ? next : undefined;
  } finally {
    clearInterval(looking);
    signal.removeEventListener("abort", stop);
    await messages.close();
    await consumer.delete().catch(() => {});
  }
}

async function startOf(jsm: JetStreamManager, from: TailOptions["from"]): Promise<number> {
  if (from === "start") return 1;
  return from === "new" ? (await jsm.streams.info(STREAM)).state.last_seq + 1 : from;
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
