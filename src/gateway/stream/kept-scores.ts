import type { Consumer, JetStreamManager } from "@nats-io/jetstream";
import { consumerFrom, countFrom } from "../../platform/own-consumer.ts";

const STREAM = "SCORES";

/** The first sequence that SCORES still has, and the newest. */
export async function keptRange(jsm: JetStreamManager): Promise<{ first: number; last: number }> {
  const { first_seq, last_seq } = (await jsm.streams.info(STREAM)).state;
  return { first: first_seq, last: last_seq };
}

/** How many messages SCORES has from a sequence on. */
export function countScores(jsm: JetStreamManager, from: number): Promise<number> {
  return countFrom(jsm, { stream: STREAM, from });
}

export function scoresFrom(jsm: JetStreamManager, from: number): Promise<Consumer> {
  return consumerFrom(jsm, { stream: STREAM, from });
}
