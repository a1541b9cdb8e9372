import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import type { Decision, ScoreEvent } from "../contracts/score.ts";
import { consumerFrom, countFrom, isInterruption } from "../platform/own-consumer.ts";
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
  const stream = await untilThere(jsm, options);
  if (stream === undefined) return;
  const place: Place = { next: startOf(stream, options.from), created: stream.created };
  const filter = `scores.${channel ?? "*"}.${decision ?? "*"}.*`;
  for (let isToBeContinued = true; isToBeContinued; ) {
    try {
      isToBeContinued = yield* readOn(jsm, filter, place, signal);
    } catch (error) {
      if (!isInterruption(error)) throw error;
      await pause(ASK_AGAIN_MS, signal).catch(() => {});
      isToBeContinued = !signal.aborted;
    }
  }
}

/** Where a follower is; `created` tells a stream from one that was made anew. */
type Place = { next: number; created: string };

/**
 * Reads with one consumer and moves the place. Returns whether another one has to go on: because the stream was made anew, or
 * has what this one isn't given any more, since what the broker sends into a connection that breaks counts as delivered.
 */
async function* readOn(
  jsm: JetStreamManager,
  filter: string,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<FollowedScore, boolean> {
  const consumer = await consumerFrom(jsm, { stream: STREAM, filter, from: place.next });
  const messages = await consumer.consume({ idle_heartbeat: 1_000 });
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  let isToBeContinued = false;
  let isWithCaller = false;
  let before: number | undefined;
  /** Up to here the stream is known to have nothing for us. */
  let seen = 0;
  async function look(): Promise<void> {
    const { next } = place;
    const hasStood = next === before && !isWithCaller;
    before = next;
    if (!hasStood || isToBeContinued) return;
    const { created, state } = await jsm.streams.info(STREAM);
    if (created !== place.created) Object.assign(place, { next: 1, created });
    else if (state.last_seq === seen || state.last_seq < next) return;
    else if ((await countFrom(jsm, { stream: STREAM, filter, from: next })) === 0) {
      seen = state.last_seq;
      return;
    } else if (place.next !== next || isWithCaller) return;
    isToBeContinued = true;
    stop();
  }
  // A broker that is away just then is asked again the next time.
  const looking = setInterval(() => void look().catch(() => {}), LOOK_MS);
  try {
    for await (const message of messages) {
      if (signal.aborted) return false;
      // A consumer that the library made anew may repeat what the one before had delivered.
      if (message.seq < place.next || isToBeContinued) continue;
      place.next = message.seq + 1;
      isWithCaller = true;
      yield { text: message.string(), publishedAt: message.info.timestampNanos / 1e6 };
      isWithCaller = false;
    }
    return isToBeContinued && !signal.aborted;
  } finally {
    clearInterval(looking);
    signal.removeEventListener("abort", stop);
    await messages.close();
    await consumer.delete().catch(() => {});
  }
}

function startOf({ state }: StreamInfo, from: TailOptions["from"]): number {
  if (from === "start") return 1;
  return from === "new" ? state.last_seq + 1 : from;
}

/** Waits for the stream that the first scorer makes; undefined when the signal aborts. */
async function untilThere(jsm: JetStreamManager, { signal, onWaiting }: TailOptions): Promise<StreamInfo | undefined> {
  for (let asked = 0; !signal.aborted; asked++) {
    try {
      return await jsm.streams.info(STREAM);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (asked === 0) onWaiting();
    await pause(ASK_AGAIN_MS, signal).catch(() => {});
  }
  return undefined;
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
