import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import type { Decision } from "../../contracts/score.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { pause } from "../../platform/retry.ts";
import { countScores, scoresFrom } from "./kept-scores.ts";
import type { ScoreMessage } from "./recent-scores.ts";

export type ScoreTail = {
  /** Tells each message from now on once, in order. Returns what ends it. */
  onScore(listener: (message: ScoreMessage) => void): () => void;
  /** Told when what comes next doesn't follow what was told: the stream was made anew, or has lost it. It goes on after the given one. */
  onRestart(listener: (lastSequence: number) => void): void;
  /** Of the newest message that was told, or was there at the start. */
  lastSequence(): number;
  stop(): Promise<void>;
};

const STREAM = "SCORES";
const BACKOFF_MS = 1_000;
const LOOK_MS = 2_000;
const STOP_WITHIN_MS = 1_000;
/**
 * A broker that was killed has forgotten the consumer and what was asked of it, and only missing heartbeats tell. With the
 * library's half a minute nothing was told for that long after the broker was back. A request lasts long, because brokers
 * before 2.9.16 now and then drop one without a word when it runs out, which only missing heartbeats tell too.
 */
const PULL = { max_messages: 2_000, expires: 30_000, idle_heartbeat: 1_000 };

/**
 * Follows SCORES with one consumer for all that the gateway does. It goes on where it was when the broker comes back.
 * The stream must exist.
 */
export async function startScoreTail(jsm: JetStreamManager, log: Logger): Promise<ScoreTail> {
  const listeners = new Set<(message: ScoreMessage) => void>();
  const restarts = new Set<(lastSequence: number) => void>();
  const stopping = new AbortController();
  const atStart = await jsm.streams.info(STREAM);
  let last = atStart.state.last_seq;
  let created = atStart.created;

  function tell(message: JsMsg): void {
    // A consumer that was made anew may repeat what the one before had told.
    if (message.seq <= last) return;
    // Deleted, or too old by the time that the broker could be reached again: nobody can be told of it.
    if (message.seq > last + 1) restart(message.seq - 1, "SCORES doesn't have what comes next any more");
    last = message.seq;
    const score = scoreMessage(message);
    for (const listener of listeners) listener(score);
  }

  async function follow(): Promise<void> {
    const consumer = await scoresFrom(jsm, last + 1);
    const messages = await consumer.consume(PULL);
    const stop = () => messages.stop();
    stopping.signal.addEventListener("abort", stop, { once: true });
    let before = last;
    async function look(): Promise<void> {
      const hasStood = before === last;
      before = last;
      // The library waits for the sequence that comes next, which a stream that was made anew comes to much later, if ever.
      if ((await isAnew()) || (hasStood && (await isMissingSome()))) stop();
    }
    const looking = setInterval(() => void look().catch(ignored), LOOK_MS);
    try {
      for await (const message of messages) tell(message);
    } finally {
      clearInterval(looking);
      stopping.signal.removeEventListener("abort", stop);
      await messages.close();
      await consumer.delete().catch(() => {});
    }
  }

  const following = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (!stopping.signal.aborted)
          log.warn({ error: messageOf(error) }, "the tail of SCORES broke off, following again");
      }
      if (stopping.signal.aborted) return;
      await pause(BACKOFF_MS, stopping.signal).catch(() => {});
      await lookForRestart().catch(() => {});
    }
  })();

  async function isAnew(): Promise<boolean> {
    // More may be told before the answer comes.
    const told = last;
    const { created: now, state } = await jsm.streams.info(STREAM);
    return now !== created || state.last_seq < told;
  }

  /**
   * What the broker sends into a connection that breaks counts as delivered, and the library would notice with the next
   * message only.
   */
  async function isMissingSome(): Promise<boolean> {
    const told = last;
    if ((await jsm.streams.info(STREAM)).state.last_seq <= told) return false;
    return (await countScores(jsm, told + 1)) > 0 && last === told;
  }

  async function lookForRestart(): Promise<void> {
    if (!(await isAnew())) return;
    const now = await jsm.streams.info(STREAM);
    created = now.created;
    restart(0, "SCORES was made anew, its sequences begin again");
  }

  function restart(after: number, why: string): void {
    log.error({ last, next: after + 1 }, why);
    last = after;
    for (const listener of restarts) listener(after);
  }

  return {
    onScore(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onRestart: (listener) => void restarts.add(listener),
    lastSequence: () => last,
    async stop() {
      stopping.abort(new Error("the gateway is stopping"));
      // A broker that is away is waited for by the library for longer than anybody waits for a stop.
      await Promise.race([following, pause(STOP_WITHIN_MS)]);
    },
  };
}

/** A broker that is away just then is asked again later. */
function ignored(): void {}

export function scoreMessage(message: JsMsg): ScoreMessage {
  const [, channel, decision, applicationId] = message.subject.split(".") as [string, string, Decision, string];
  const publishedAt = message.info.timestampNanos / 1e6;
  return { sequence: message.seq, channel, decision, applicationId, publishedAt, text: message.string() };
}
