import { setTimeout as sleep } from "node:timers/promises";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { ConsumerDeclaration } from "../contracts/streams.ts";
import { createValidator } from "../models/validate.ts";
import { nak, working } from "../platform/delivery.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { createPublisher } from "../platform/publisher.ts";
import { pullMessages } from "../platform/pull.ts";
import type { ScorerMetrics } from "./metrics.ts";
import { createObserving, type Observed } from "./observations.ts";
import { passObservationsOn } from "./pass-on.ts";
import { createPipeline, type PipelineParts } from "./pipeline.ts";
import { report } from "./report.ts";
import { createScoring, type Decider } from "./score.ts";
import { stageClock } from "./stage-clock.ts";

export type ScorerOptions = {
  readonly nc: NatsConnection;
  readonly database: Database;
  readonly decider: Decider;
  readonly consumer: ConsumerDeclaration;
  readonly ackWaitMs: number;
  /** The most applications in a batch. */
  readonly batchSize: number;
  /** The most batches at the same time. */
  readonly batchesInFlight: number;
  /** What is counted for drift; undefined for nothing. */
  readonly observed: Observed | undefined;
  readonly metrics: ScorerMetrics;
  readonly onDatabaseError: PipelineParts["onDatabaseError"];
  readonly log: Logger;
  readonly onBoundary?: PipelineParts["onBoundary"];
};

export type Scorer = {
  /** Stops pulling, finishes the batches in flight and hands back what was not begun. */
  stop(): Promise<void>;
};

/** How long batches in flight may take to finish when stopping; then they are handed back. */
const DRAIN_MS = 6_000;
const FLUSH_MS = 1_000;
const HAND_BACK_MS = 100;
const RETRY_MS = 1_000;

/**
 * Takes applications from the shared durable consumer and runs each batch through the pipeline. Batches adapt to load
 * by themselves: whatever has arrived while the earlier ones were in flight is the next one.
 */
export function startScorer(options: ScorerOptions): Scorer {
  const { nc, database, decider, consumer, batchSize, batchesInFlight, metrics, log } = options;
  const pull = pullMessages(nc, {
    stream: consumer.stream,
    consumer: consumer.durable_name,
    room: batchSize * (batchesInFlight + 1),
    log,
  });
  const publisher = createPublisher(nc);
  const passingOn = options.observed && passObservationsOn({ database, publisher, observed: options.observed, log });
  const force = new AbortController();
  const clock = stageClock(metrics.stageTook);
  let outages = 0;
  const processBatch = createPipeline({
    validator: createValidator(decider.manifest),
    modelId: decider.modelId,
    score: createScoring(decider, clock, metrics.featureFault),
    database,
    publisher,
    clock,
    observe: options.observed ? createObserving(options.observed) : () => undefined,
    onOutage(away) {
      outages += away ? 1 : -1;
      if (outages > 0) pull.hold();
      else pull.resume();
    },
    onDatabaseError: options.onDatabaseError,
    onBoundary: options.onBoundary ?? (() => {}),
    log,
    signal: force.signal,
  });

  const inFlight = new Map<Promise<void>, readonly Msg[]>();
  let stopping = false;

  // Whatever is held longer than expected, in a batch or in the queue, must not be given to another scorer.
  const keepAlive = setInterval(() => {
    for (const messages of [...inFlight.values(), pull.queued()]) messages.forEach(working);
  }, options.ackWaitMs / 3);

  async function run(messages: readonly Msg[]): Promise<void> {
    metrics.batch.observe(messages.length);
    metrics.inflight.inc(messages.length);
    try {
      report(await processBatch(messages), metrics);
    } catch (error) {
      metrics.settled("retried", messages.length);
      if (!force.signal.aborted) {
        log.error(
          { applications: messages.length, err: error, error: messageOf(error) },
          "a batch failed, handing it back",
        );
      }
      for (const message of messages) nak(message, RETRY_MS * (1 + Math.random()));
    } finally {
      metrics.inflight.dec(messages.length);
    }
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      await pull.available();
      if (inFlight.size >= batchesInFlight) await Promise.race(inFlight.keys());
      if (stopping) return;
      const messages = pull.take(batchSize);
      if (messages.length === 0) continue;
      const batch = run(messages).finally(() => inFlight.delete(batch));
      inFlight.set(batch, messages);
    }
  }
  const loops = loop();

  return {
    async stop() {
      stopping = true;
      // From the start: with every batch waiting for a server that is away, nothing below would end by itself.
      const timer = setTimeout(() => {
        force.abort(new Error("the scorer is stopping"));
        publisher.close();
      }, DRAIN_MS);
      const left = await pull.stop();
      for (const message of left) nak(message, HAND_BACK_MS * (1 + Math.random()));
      await loops;
      await Promise.all(inFlight.keys());
      clearTimeout(timer);
      clearInterval(keepAlive);
      // What isn't passed on now is passed on by another scorer, or the next time.
      await Promise.race([passingOn?.stop(), sleep(FLUSH_MS)]);
      publisher.close();
      // A broker that is away answers no flush; what it wasn't told it delivers again.
      if (!nc.isClosed()) await Promise.race([nc.flush().catch(() => {}), sleep(FLUSH_MS)]);
    },
  };
}
