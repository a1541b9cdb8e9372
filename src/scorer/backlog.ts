import type { JetStreamManager } from "@nats-io/jetstream";
import type { ConsumerDeclaration } from "../contracts/streams.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { ScorerMetrics } from "./metrics.ts";

const PERIOD_MS = 2_000;

/** Reads the durable consumer's counts every two seconds into the metrics; every scorer reports the same numbers. */
export function watchBacklog(
  jsm: JetStreamManager,
  consumer: ConsumerDeclaration,
  metrics: ScorerMetrics,
  log: Logger,
) {
  const { stream, durable_name: name } = consumer;
  let asking = false;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    try {
      const { num_pending: pending, num_ack_pending: ackPending } = await jsm.consumers.info(stream, name);
      metrics.consumer(stream, name, { pending, ackPending });
    } catch (error) {
      log.debug({ error: messageOf(error) }, "the backlog is unknown for the moment");
    } finally {
      asking = false;
    }
  }, PERIOD_MS);
  return { stop: () => clearInterval(timer) };
}
