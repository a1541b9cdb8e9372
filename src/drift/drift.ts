import { setTimeout as sleep } from "node:timers/promises";
import { headers, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { ConsumerDeclaration } from "../contracts/streams.ts";
import { ack, headersOf } from "../platform/delivery.ts";
import { messageOf, OperatorError } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { type Database, inTransaction, isDatabaseOutage } from "../platform/postgres.ts";
import { createPublisher, type Publisher } from "../platform/publisher.ts";
import { pullMessages } from "../platform/pull.ts";
import { pause, retry } from "../platform/retry.ts";
import type { TimeGrid } from "../statistics/panes.ts";
import { forgetEvents, idsByModel, readEvents, takeByIds, unpassedModels, waitingIds } from "./intake-rows.ts";
import type { DriftMetrics } from "./metrics.ts";
import { readNewest } from "./stored-reports.ts";
import { closeModel, modelsInProgress, type TakenInRows, takeInRows } from "./take-in-rows.ts";

export type DriftOptions = {
  readonly nc: NatsConnection;
  readonly database: Database;
  readonly consumer: ConsumerDeclaration;
  readonly grid: TimeGrid;
  readonly minSamples: number;
  readonly latenessMs: number;
  readonly metrics: DriftMetrics;
  readonly log: Logger;
};

export type Drift = {
  /** Takes in all that scorers have counted, closes the last windows, and returns when all is published. */
  finish(): Promise<void>;
  stop(): Promise<void>;
};

const MOST_MESSAGES = 10;
/** Rows whose messages should have come by now are taken in without them. */
const OVERDUE_MS = 30_000;
const LOOK_EVERY_MS = 5_000;
/** A scorer that runs passes its counts on every second. */
const SAY_AFTER_MS = 5_000;
/** How long a transaction may take to finish when stopping. */
const DRAIN_MS = 4_000;
const BACKOFF = { firstMs: 100, longestMs: 5_000 };
const MESSAGE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The drift consumer: takes observations from the broker, adds each to its model's panes once, judges the windows that
 * have closed, and publishes what came of it. A message only says which row of the record to take: what is counted is
 * what scorers committed, and a row is gone once it was counted. Any number of consumers may run.
 */
export function startDrift(options: DriftOptions): Drift {
  const { nc, database, consumer, metrics, log } = options;
  const { stream, durable_name } = consumer;
  const pull = pullMessages(nc, { stream, consumer: durable_name, room: MOST_MESSAGES * 2, log });
  const publisher = createPublisher(nc);
  const stopping = new AbortController();
  let lastTurn: Promise<unknown> = Promise.resolve();

  /** One transaction at a time: they would only wait for each other's locks. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(() => patiently(work));
    lastTurn = turn.catch(() => {});
    return turn;
  }

  function patiently<T>(work: () => Promise<T>): Promise<T> {
    const wait = (error: unknown, waitMs: number) => {
      if (!isDatabaseOutage(error)) throw error;
      log.warn({ error: messageOf(error), waitMs }, "PostgreSQL is away, waiting");
    };
    return retry(work, wait, BACKOFF, stopping.signal);
  }

  /** Each model in a transaction of its own: what is wrong with one is no matter of the others. */
  async function takeInIds(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const faults: unknown[] = [];
    for (const own of await idsByModel(database, ids)) {
      try {
        report(
          await inTransaction(database, async (client) => takeInRows(client, options, await takeByIds(client, own))),
        );
      } catch (error) {
        if (isDatabaseOutage(error)) throw error;
        faults.push(error);
      }
    }
    await publishWaiting();
    if (faults.length > 0)
      throw faults.length === 1 ? faults[0] : new AggregateError(faults, faults.map(messageOf).join("; "));
  }

  /** What was judged is committed by then: its events are kept until they are published, here or by another consumer. */
  async function publishWaiting(): Promise<void> {
    try {
      const kept = await publishEvents(database, publisher);
      if (kept > 0) log.warn({ events: kept }, "the broker takes no drift events, they are kept");
    } catch (error) {
      log.warn({ error: messageOf(error) }, "drift events could not be published, they are kept");
    }
  }

  function report(taken: readonly TakenInRows[]): void {
    for (const { model, reports, provisional, late } of taken) {
      metrics.knows(model);
      if (late > 0) metrics.isLate(model, late);
      for (const one of reports) {
        metrics.reported(one, Date.now());
        const { channel, window, status, severity, revision } = one;
        log.info({ model, channel, window, status, severity, revision }, "drift report");
      }
      for (const one of provisional) metrics.slid(one);
    }
  }

  /** Another consumer may have made the newest report, or this one before it was started again. */
  async function showNewest(): Promise<void> {
    const { reports, provisional } = await readNewest(database);
    for (const { report: one, at } of reports) metrics.reported(one, at);
    for (const one of provisional) metrics.slid(one);
  }

  async function takeMessages(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pull.available();
      const messages = pull.take(MOST_MESSAGES);
      if (messages.length === 0) continue;
      try {
        await inTurn(() => takeInIds(messages.flatMap((message) => idOf(message) ?? [])));
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.error({ err: error, error: messageOf(error) }, "observations could not be taken in, they are kept");
      }
      // Also then: the rows stay and are taken in as overdue, to which the messages would add nothing.
      for (const message of messages) ack(message);
    }
  }

  async function takeOverdue(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await inTurn(async () => {
          await takeInIds(await waitingIds(database, OVERDUE_MS, MOST_MESSAGES));
          await publishWaiting();
          await showNewest();
        });
      } catch (error) {
        if (!stopping.signal.aborted)
          log.error({ err: error, error: messageOf(error) }, "overdue observations could not be taken in");
      }
      await pause(LOOK_EVERY_MS, stopping.signal).catch(() => {});
    }
  }

  const loops = Promise.all([takeMessages(), takeOverdue()]);

  return {
    async finish() {
      const sayAt = Date.now() + SAY_AFTER_MS;
      let said = false;
      for (let open = true; open; ) {
        // In this order: what a scorer passes on in between is then seen by one of the two questions.
        const unpassed = await patiently(() => unpassedModels(database));
        const ids = await patiently(() => waitingIds(database, 0, MOST_MESSAGES));
        await inTurn(() => takeInIds(ids));
        open = ids.length > 0 || unpassed.length > 0;
        if (ids.length > 0 || !open) continue;
        if (!said && Date.now() > sayAt) {
          said = true;
          log.warn(
            { models: unpassed },
            "waiting for counts that scorers have not passed on: where none runs, start one; where one does, its log says what is wrong with them",
          );
        }
        await pause(100, stopping.signal);
      }
      for (const modelId of await patiently(() => modelsInProgress(database))) {
        report([await inTurn(() => inTransaction(database, (client) => closeModel(client, options, modelId)))]);
      }
      const kept = await inTurn(() => publishEvents(database, publisher));
      if (kept > 0)
        throw new OperatorError(`the broker doesn't take ${kept} drift events; run --finish again when it does.`);
    },
    async stop() {
      stopping.abort(new Error("the drift consumer is stopping"));
      await pull.stop();
      // What a server that is away holds up is undone with its connection, and taken in the next time.
      await Promise.race([loops.then(() => lastTurn), sleep(DRAIN_MS)]);
      publisher.close();
    },
  };
}

function idOf(message: Msg): string | undefined {
  const id = headersOf(message)?.get("Nats-Msg-Id") ?? "";
  return MESSAGE_ID.test(id) ? id : undefined;
}

const MOST_EVENTS = 100;

/** Publishes what transactions have left to be published, in their order. Returns how many the broker didn't take. */
async function publishEvents(database: Database, publisher: Publisher): Promise<number> {
  for (;;) {
    const events = await readEvents(database, MOST_EVENTS);
    if (events.length === 0) return 0;
    const receipts = await publisher.publish(
      events.map(({ id, subject, payload }) => {
        const head = headers();
        head.set("Nats-Msg-Id", id);
        return { subject, payload, headers: head };
      }),
    );
    const stored = events.filter((_, index) => receipts[index]!.kind === "stored").map(({ id }) => id);
    await forgetEvents(database, stored);
    if (stored.length < events.length || events.length < MOST_EVENTS) return events.length - stored.length;
  }
}
