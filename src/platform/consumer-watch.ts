import type { ConsumerInfo, JetStreamManager } from "@nats-io/jetstream";
import { Gauge, type Registry } from "prom-client";
import { messageOf, OperatorError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { isMissing } from "./refusals.ts";

const PERIOD_MS = 2_000;
/** A broker that is starting may not know its consumers for a moment. */
const MISSES_UNTIL_GONE = 5;

export type WatchedConsumer = {
  readonly jsm: JetStreamManager;
  readonly consumer: { readonly stream: string; readonly durable_name: string };
  readonly registry: Registry;
  /** Told what the broker says of the consumer, each time. */
  readonly onInfo?: (info: ConsumerInfo) => Promise<void>;
  /** Told once when somebody has deleted the consumer, which would leave the process asking for ever. */
  readonly onGone: (error: Error) => void;
  readonly log: Logger;
};

/** Reads a durable consumer's counts every two seconds into the metrics; all processes that share it report the same. */
export function watchConsumer({ jsm, consumer, registry, onInfo, onGone, log }: WatchedConsumer): { stop(): void } {
  const { stream, durable_name: name } = consumer;
  const labels = { stream, consumer: name };
  const metrics = createConsumerMetrics(registry);
  let asking = false;
  let misses = 0;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    try {
      const info = await jsm.consumers.info(stream, name);
      metrics.pending.set(labels, info.num_pending);
      metrics.ackPending.set(labels, info.num_ack_pending);
      misses = 0;
      await onInfo?.(info);
    } catch (error) {
      if (isMissing(error) && ++misses === MISSES_UNTIL_GONE) {
        onGone(new OperatorError(`consumer ${name} of stream ${stream} was deleted. Start again: it is made anew.`));
      }
      log.debug({ error: messageOf(error) }, "the backlog is unknown for the moment");
    } finally {
      asking = false;
    }
  }, PERIOD_MS);
  return { stop: () => clearInterval(timer) };
}

export function createConsumerMetrics(registry: Registry) {
  const labelNames = ["stream", "consumer"] as const;
  const pending = new Gauge({
    name: "plumbline_consumer_pending",
    help: "Messages of the stream that the durable consumer has not delivered yet.",
    labelNames,
    registers: [registry],
  });
  const ackPending = new Gauge({
    name: "plumbline_consumer_ack_pending",
    help: "Messages delivered by the durable consumer and not acknowledged yet.",
    labelNames,
    registers: [registry],
  });
  return { pending, ackPending };
}
