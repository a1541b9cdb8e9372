import { DeliverPolicy, type JetStreamManager } from "@nats-io/jetstream";
import type { Decision } from "../../contracts/score.ts";

export type ScoreMessage = {
  readonly sequence: number;
  readonly channel: string;
  readonly decision: Decision;
  readonly applicationId: string;
  /** Milliseconds since 1970, the broker's time. */
  readonly publishedAt: number;
  /** The score event as published, JSON text. */
  readonly text: string;
};

export type ScoreTail = {
  onScore(listener: (message: ScoreMessage) => void): () => void;
  lastSequence(): number;
  stop(): Promise<void>;
};

export async function startScoreTail(jsm: JetStreamManager): Promise<ScoreTail> {
  const { state } = await jsm.streams.info("SCORES");
  let last = state.last_seq;
  const listeners = new Set<(message: ScoreMessage) => void>();
  const consumer = await jsm
    .jetstream()
    .consumers.get("SCORES", { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: last + 1 });
  const messages = await consumer.consume({
    callback(message) {
      last = message.seq;
      const [, channel, decision, applicationId] = message.subject.split(".") as [string, string, Decision, string];
      const publishedAt = message.info.timestampNanos / 1e6;
      const score = { sequence: last, channel, decision, applicationId, publishedAt, text: message.string() };
      for (const listener of listeners) listener(score);
    },
  });
  return {
    onScore(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lastSequence: () => last,
    async stop() {
      await messages.close();
    },
  };
}
