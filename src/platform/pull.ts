import type { Msg } from "@nats-io/transport-node";
import type { Logger } from "./log.ts";
import { createReplySubject, type NatsConnection } from "./nats.ts";

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
const GRACE_MS = 250;
const LOOK_EVERY_MS = 100;
const AFTER_REFUSAL_MS = 250;
const NANOS_PER_MS = 1_000_000;

/**
 * Requests at the broker that are answered to one inbox. There are two lanes, out of step: brokers before 2.9.16 drop a
 * request without a word when it runs out in the moment in which a message comes for it, and until that is noticed the
 * other lane delivers.
 */
type Lane = {
  readonly inbox: string;
  readonly room: number;
  /** Messages requested and not delivered. */
  requested: number;
  overdueAt: number;
  expiresMs: number;
};

export function pullMessages(nc: NatsConnection, { stream, consumer, room, log }: PullOptions): Pull {
  const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  let queue: Msg[] = [];
  let notBefore = 0;
  let held = false;
  let stopped = false;
  let wake: (() => void) | undefined;
  const lanes = [Math.ceil(room / 2), Math.floor(room / 2)]
    .filter((laneRoom) => laneRoom > 0)
    .map((laneRoom, index): Lane => {
      const expiresMs = EXPIRES_MS / (index + 1);
      return { inbox: createReplySubject(nc), room: laneRoom, requested: 0, overdueAt: 0, expiresMs };
    });
  const subscriptions = lanes.map((lane) =>
    nc.subscribe(lane.inbox, {
      callback: (error, message) => {
        if (error) return;
        // A status has no reply subject; a delivered message always has one to acknowledge to.
        if (!message.reply) return onStatus(lane, message);
        lane.requested = Math.max(0, lane.requested - 1);
        queue.push(message);
        wake?.();
        ask();
      },
    }),
  );

  function onStatus(lane: Lane, message: Msg): void {
    const code = message.headers?.code;
    if (code === 100) return;
    if (code === 408) {
      const unsent = Number(message.headers?.get("Nats-Pending-Messages")) || lane.requested;
      lane.requested = Math.max(0, lane.requested - unsent);
    } else {
      // 409 (consumer deleted, server shutting down, leader change …), 503 (JetStream isn't ready yet).
      if (Date.now() >= notBefore) {
        log.warn({ code, description: message.headers?.description }, "the broker refuses to deliver, asking again");
      }
      lane.requested = 0;
      notBefore = Date.now() + AFTER_REFUSAL_MS;
    }
    ask();
  }

  function ask(): void {
    if (held || stopped || Date.now() < notBefore || nc.isClosed()) return;
    for (const lane of lanes) {
      const free = lanes.reduce((left, { requested }) => left - requested, room - queue.length);
      const missing = Math.min(free, lane.room - lane.requested);
      // In portions: a request per message would double the broker's work.
      if (missing >= Math.max(1, lane.room / 2)) request(lane, missing);
    }
  }

  function request(lane: Lane, batch: number): void {
    lane.requested += batch;
    lane.overdueAt = Date.now() + lane.expiresMs + GRACE_MS;
    nc.publish(next, JSON.stringify({ batch, expires: lane.expiresMs * NANOS_PER_MS }), { reply: lane.inbox });
    // Only the first one of a lane is shorter, which keeps them out of step.
    lane.expiresMs = EXPIRES_MS;
  }

  const ticker = setInterval(() => {
    for (const lane of lanes) if (Date.now() > lane.overdueAt) lane.requested = 0;
    ask();
  }, LOOK_EVERY_MS);
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
      const isOpen = ({ requested, overdueAt }: Lane) => requested > 0 && Date.now() < overdueAt;
      while (lanes.some(isOpen) && !nc.isClosed()) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      clearInterval(ticker);
      for (const subscription of subscriptions) subscription.unsubscribe();
      const left = queue;
      queue = [];
      return left;
    },
  };
}
