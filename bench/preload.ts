import { headers } from "@nats-io/transport-node";
import { recommendedMessageId } from "../src/contracts/content.ts";
import { inputSubject } from "../src/contracts/subjects.ts";
import type { NatsConnection } from "../src/platform/nats.ts";
import { createPublisher, type Publication } from "../src/platform/publisher.ts";
import { type Bodies, payloadOf } from "./applications.ts";

export const CHANNEL = "bench";
const CHUNK = 1_000;

/** An application as the contract recommends to publish it. */
export function applicationMessage(bodies: Bodies, prefix: string, number: number): Required<Publication> {
  const payload = payloadOf(bodies, prefix, number);
  const withId = headers();
  withId.set("Nats-Msg-Id", recommendedMessageId(`${prefix}-${number}`, payload));
  return { subject: inputSubject("applications", CHANNEL), payload, headers: withId };
}

/**
 * Puts so many applications into the stream.
 * @throws Error when the broker doesn't acknowledge one.
 */
export async function preload(
  nc: NatsConnection,
  bodies: Bodies,
  prefix: string,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const publisher = createPublisher(nc);
  try {
    for (let from = 0; from < count; from += CHUNK) {
      signal.throwIfAborted();
      const size = Math.min(CHUNK, count - from);
      const messages = Array.from({ length: size }, (_, index) => applicationMessage(bodies, prefix, from + index));
      const receipts = await publisher.publish(messages);
      const failed = receipts.find(({ kind }) => kind !== "stored");
      if (failed !== undefined) throw new Error(`the broker did not take an application: ${JSON.stringify(failed)}`);
    }
  } finally {
    publisher.close();
  }
}
