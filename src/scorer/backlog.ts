import type { JetStreamManager } from "@nats-io/jetstream";
import type { ConsumerDeclaration } from "../contracts/streams.ts";
import { messageOf, OperatorError } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { isMissing } from "../platform/refusals.ts";
import type { ScorerMetrics } from "./metrics.ts";
import { createOrphanSearch } from "./orphans.ts";

const PERIOD_MS = 2_000;
/** A broker that is starting may not know its consumers for a moment. */
const MISSES_UNTIL_GONE = 5;

/**
 * Reads the durable consumer's counts every two seconds into the metrics; every scorer reports the same numbers. Looks
 * for messages that the broker would never deliver. A consumer that somebody has deleted would leave the scorer asking
 * for ever: `onGone` is told, once.
 */
export function watchBacklog(
  jsm: JetStreamManager,
  consumer: ConsumerDeclaration,
  metrics: ScorerMetrics,
  onGone: (error: Error) => void,
  log: Logger,
) {
  const { stream, durable_name: name } = consumer;
  const lookForOrphans = createOrphanSearch(jsm, consumer, log);
  let asking = false;
  let misses = 0;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    try {
      const info = await jsm.consumers.info(stream, name);
      metrics.consumer(stream, name, { pending: info.num_pending, ackPending: info.num_ack_pending });
      misses = 0;
      await lookForOrphans(info);
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
