import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, DeliverPolicy, type JetStreamManager } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import type { StreamDeclaration } from "../contracts/streams.ts";
import { alertSubject } from "../contracts/subjects.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { type Database, isDatabaseOutage } from "../platform/postgres.ts";
import { createPublisher } from "../platform/publisher.ts";
import { isBrokerOutage } from "../platform/refusals.ts";
import { pause } from "../platform/retry.ts";
import { forgetEvents, noteSent, readWaiting, type WaitingEvent } from "./event-rows.ts";

export type EventPublishing = { stop(): Promise<void> };

export type EventPublishingOptions = {
  readonly nc: NatsConnection;
  /** Whether the connection stands. */
  readonly isConnected: () => boolean;
  readonly jsm: JetStreamManager;
  readonly database: Database;
  readonly stream: StreamDeclaration;
  readonly log: Logger;
};

const LOOK_EVERY_MS = 500;
/** Each failure is a line in the log. */
const TRY_AGAIN_MS = 2_000;
const MOST_EVENTS = 100;
const STOP_WITHIN_MS = 4_000;
/** A consumer that couldn't be deleted goes by itself. */
const FORGOTTEN_AFTER_MS = 60_000;
/** The broker's clock may be so far behind the database's. */
const CLOCK_SKEW_MS = 60_000;
const NANOS_PER_MS = 1_000_000;

/**
 * Publishes the events that transitions of alerts have left, each once, those of one alert in order. An event is a row that
 * is deleted when the broker has it. One that was sent without an answer is sent again under its id while the broker still
 * recognises that, and is looked for in the stream when it no longer does. Any number of processes may do this.
 */
export function publishAlertEvents(options: EventPublishingOptions): EventPublishing {
  const { nc, isConnected, jsm, database, stream, log } = options;
  const publisher = createPublisher(nc);
  const stopping = new AbortController();
  /** Half of it: the broker counts from when it got the message, which may be on its way for a while. */
  const recognisedMs = stream.duplicate_window / NANOS_PER_MS / 2;

  /** Returns when to look again, in milliseconds. */
  async function publishPortion(): Promise<number> {
    // An answer would be waited for as long as a broker may take for one.
    if (!isConnected()) return LOOK_EVERY_MS;
    const events = await readWaiting(database, MOST_EVENTS);
    if (events.length === 0) return LOOK_EVERY_MS;
    const doubtful = events.filter(({ sent_ms_ago }) => sent_ms_ago !== null && sent_ms_ago > recognisedMs);
    const stored = await storedOf(jsm, stream.name, doubtful);
    if (stored === undefined) {
      log.warn("the broker's answer about the alert events that it has was lost, asking again");
      return TRY_AGAIN_MS;
    }
    const noted = await noteSent(database, idsOf(events.filter(({ id }) => !stored.has(id))));
    const sendable = events.filter(({ id }) => noted.has(id));
    const receipts = await publisher.publish(
      sendable.map(({ id, subject, payload }) => {
        const head = headers();
        head.set("Nats-Msg-Id", id);
        return { subject, payload, headers: head };
      }),
    );
    const taken = sendable.filter((_, index) => receipts[index]!.kind === "stored");
    await forgetEvents(database, [...stored, ...idsOf(taken)]);
    const refused = sendable.length - taken.length;
    if (refused === 0) return 0;
    log.warn({ events: refused }, "the broker takes no alert events, they are kept");
    return TRY_AGAIN_MS;
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const waitMs = await publishPortion().catch((error: unknown) => {
        const level = isDatabaseOutage(error) || isBrokerOutage(error) ? "warn" : "error";
        if (!stopping.signal.aborted)
          log[level]({ error: messageOf(error) }, "alert events are kept, publishing failed");
        return TRY_AGAIN_MS;
      });
      await pause(waitMs, stopping.signal).catch(() => {});
    }
  })();

  return {
    async stop() {
      stopping.abort(new Error("the alerts role is stopping"));
      await Promise.race([loop, sleep(STOP_WITHIN_MS)]);
      publisher.close();
    },
  };
}

function idsOf(events: readonly WaitingEvent[]): string[] {
  return events.map(({ id }) => id);
}

/** The ids of those events that the stream has; undefined when not all of it has arrived, and it is to be asked again. */
async function storedOf(
  jsm: JetStreamManager,
  stream: string,
  events: readonly WaitingEvent[],
): Promise<Set<string> | undefined> {
  const found = new Set<string>();
  if (events.length === 0) return found;
  const wanted = new Set(idsOf(events));
  const since = Math.min(...events.map(({ sent_at }) => sent_at!.getTime())) - CLOCK_SKEW_MS;
  // Not one of the library's ordered ones, which it makes anew when something is missing: from a time it can't.
  const { name } = await jsm.consumers.add(stream, {
    name: `alerts-${randomUUID()}`,
    filter_subject: alertSubject("*"),
    headers_only: true,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(since).toISOString(),
    inactive_threshold: FORGOTTEN_AFTER_MS * NANOS_PER_MS,
  });
  const consumer = await jsm.jetstream().consumers.get(stream, name);
  try {
    const expected = (await consumer.info()).num_pending;
    let read = 0;
    for (;;) {
      const { num_pending } = await consumer.info();
      // What the broker sends into a connection that breaks counts as delivered.
      if (num_pending === 0) return read < expected ? undefined : found;
      const messages = await consumer.fetch({ max_messages: Math.min(num_pending, MOST_EVENTS), expires: 5_000 });
      for await (const message of messages) {
        read++;
        const id = message.headers?.get("Nats-Msg-Id");
        if (id !== undefined && wanted.has(id)) found.add(id);
      }
    }
  } finally {
    await consumer.delete().catch(() => {});
  }
}
