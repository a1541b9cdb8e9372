import { createInbox, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "./log.ts";

/**
 * A pull subscription to a durable consumer that asks for no more than there is room for and takes no message behind
 * the caller's back: everything received and not yet taken is in one visible queue, so it can be kept alive
 * (`working`), or handed back at once when the process stops. The client library's own `consume()` buffers out of
 * sight, where messages age against the ack wait.
 */
export type Pull = {
  /** Up to `max` messages that wait now; empty when none does. */
  take(max: number): Msg[];
  /** Resolves as soon as a message waits, or the pull has stopped. */
  available(): Promise<void>;
  /** Messages received and not taken yet. */
  queued(): readonly Msg[];
  /** Asks for nothing more until `resume`; used while a server downstream is away. */
  hold(): void;
  resume(): void;
  /** Asks for nothing more, waits until no request is open at the broker, and returns what was never taken. */
  stop(): Promise<Msg[]>;
};

export type PullOptions = {
  readonly stream: string;
  readonly consumer: string;
  /** How many messages may wait in the queue or be on their way. */
  readonly room: number;
  readonly log: Logger;
};

/** Short, so that stopping is quick and a request that the broker forgot in a restart is soon repeated. */
const EXPIRES_MS = 1_000;
const GRACE_MS = 500;
const AFTER_REFUSAL_MS = 250;
const NANOS_PER_MS = 1_000_000;

export function pullMessages(nc: NatsConnection, { stream, consumer, room, log }: PullOptions): Pull {
  const inbox = createInbox();
  const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  let queue: Msg[] = [];
  let requested = 0;
  let lastRequestAt = 0;
  let notBefore = 0;
  let held = false;
  let stopped = false;
  let wake: (() => void) | undefined;

  const subscription = nc.subscribe(inbox, {
    callback: (error, message) => {
      if (error) return;
      // A status has no reply subject; a delivered message always has one to acknowledge to.
      if (!message.reply) return onStatus(message);
      requested = Math.max(0, requested - 1);
      queue.push(message);
      wake?.();
      ask();
    },
  });

  function onStatus(message: Msg): void {
    const code = message.headers?.code;
    if (code === 100) return;
    if (code === 408) {
      const unsent = Number(message.headers?.get("Nats-Pending-Messages")) || requested;
      requested = Math.max(0, requested - unsent);
    } else {
      // 409 (consumer deleted, server shutting down, leader change …), 503 (JetStream isn't ready yet).
      log.warn({ code, description: message.headers?.description }, "the broker refuses to deliver, asking again");
      requested = 0;
      notBefore = Date.now() + AFTER_REFUSAL_MS;
    }
    ask();
  }

  function ask(): void {
    if (held || stopped || Date.now() < notBefore || nc.isClosed()) return;
    const missing = room - queue.length - requested;
    // In portions: a request per message would double the broker's work.
    if (missing < Math.max(1, room / 2)) return;
    requested += missing;
    lastRequestAt = Date.now();
    const request = JSON.stringify({ batch: missing, expires: EXPIRES_MS * NANOS_PER_MS });
    nc.publish(next, request, { reply: inbox });
  }

  const ticker = setInterval(() => {
    if (requested > 0 && Date.now() - lastRequestAt > EXPIRES_MS + GRACE_MS) requested = 0;
    ask();
  }, AFTER_REFUSAL_MS);
  ask();

  return {
    take(max) {
      const taken = queue.splice(0, max);
      ask();
      return taken;
    },
    async available() {
      if (queue.length > 0 || stopped) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    },
    queued: () => queue,
    hold() {
      held = true;
    },
    resume() {
      held = false;
      ask();
    },
    async stop() {
      stopped = true;
      wake?.();
      // A message that is on its way when interest ends would wait for its ack wait to run out.
      const openUntil = lastRequestAt + EXPIRES_MS + GRACE_MS;
      while (requested > 0 && Date.now() < openUntil && !nc.isClosed()) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      clearInterval(ticker);
      subscription.unsubscribe();
      const left = queue;
      queue = [];
      return left;
    },
  };
}
