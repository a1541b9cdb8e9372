import { headers } from "@nats-io/transport-node";
import type { ObservationEvent } from "../contracts/observation.ts";
import { observationSubject } from "../contracts/subjects.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { type Database, type DatabaseClient, inTransaction, isDatabaseOutage } from "../platform/postgres.ts";
import type { Publisher } from "../platform/publisher.ts";
import { mergeMessages } from "./merge-observations.ts";
import {
  insertMessage,
  notePublished,
  type ObservationMessage,
  type ObservationRow,
  readModelNames,
  takeLostMessages,
  takeRows,
} from "./observation-rows.ts";
import type { Observed } from "./observations.ts";
import { createOwedCounting } from "./owed.ts";

export type PassingOn = { stop(): Promise<void> };

const PERIOD_MS = 1_000;
const MOST_ROWS = 200;
/** A message that was not counted after so long is merged with its like and published anew. */
const LOST_AFTER_MS = 5 * 60_000;
const LOOK_FOR_LOST_MS = 30_000;
/** Each may be half a megabyte. */
const MOST_LOST = 20;
/** A row that could not be passed on is tried again after so long. */
const TRY_AGAIN_MS = 60_000;

/**
 * Passes the batches' counts on: every second, merges what there is into one message per model, and publishes it. The
 * merging is a transaction, so that each count is in exactly one row at any time. A message that goes astray, or waits for
 * a drift consumer that is away, is merged with its like: what waits grows with the panes and channels that it is of, not
 * with the applications.
 */
export function passObservationsOn(options: {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly observed: Observed;
  readonly log: Logger;
}): PassingOn {
  const { database, publisher, observed, log } = options;
  const countOwed = createOwedCounting(observed);
  /** Rows that fail by themselves, until when they are left alone: the others must not wait for them. */
  const setAside = new Map<string, number>();
  let lookedForLostAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let running: Promise<void> | undefined;

  async function pass(): Promise<void> {
    for (const [id, until] of setAside) if (until < Date.now()) setAside.delete(id);
    if (Date.now() - lookedForLostAt > LOOK_FOR_LOST_MS) {
      lookedForLostAt = Date.now();
      await passLost();
    }
    for (;;) {
      const { taken, messages } = await takePortion(MOST_ROWS).catch((error: unknown) => {
        if (isDatabaseOutage(error)) throw error;
        return takeOneByOne();
      });
      await publish(messages);
      if (taken < MOST_ROWS) return;
    }
  }

  /** Finds the row that a portion fails for: it is named and set aside. */
  async function takeOneByOne(): Promise<Portion> {
    const messages: Written[] = [];
    for (let looked = 0; looked < MOST_ROWS; looked++) {
      let tried: ObservationRow | undefined;
      const note = (rows: readonly ObservationRow[]) => {
        tried = rows[0];
      };
      try {
        const one = await takePortion(1, note);
        if (one.taken === 0) return { taken: looked, messages };
        messages.push(...one.messages);
      } catch (error) {
        if (tried === undefined || isDatabaseOutage(error)) throw error;
        setAside.set(tried.id, Date.now() + TRY_AGAIN_MS);
        const { id, model_id } = tried;
        log.error(
          { observation: id, model: model_id, error: messageOf(error) },
          "counts can't be passed on, they are kept",
        );
      }
    }
    return { taken: MOST_ROWS, messages };
  }

  /** Merges at most so many rows into messages, which are then to be published. */
  async function takePortion(limit: number, onTaken?: (rows: readonly ObservationRow[]) => void): Promise<Portion> {
    return inTransaction(database, async (client) => {
      const rows = await takeRows(client, [...setAside.keys()], limit);
      onTaken?.(rows);
      const counted: ObservationMessage[] = [];
      for (const row of rows) counted.push(await messageOfRow(client, row));
      return { taken: rows.length, messages: await write(client, counted) };
    });
  }

  async function passLost(): Promise<void> {
    // What they are merged into is younger than what is looked for, so this ends.
    for (let found = MOST_LOST; found === MOST_LOST; ) {
      const messages = await inTransaction(database, async (client) => {
        const lost = await takeLostMessages(client, LOST_AFTER_MS, MOST_LOST);
        found = lost.length;
        if (found > 0) log.info({ messages: found }, "observations that nobody counted are passed on again");
        return write(client, lost);
      });
      await publish(messages);
    }
  }

  /** A batch's counts as a message; what is owed is counted from the record. */
  async function messageOfRow(client: DatabaseClient, row: ObservationRow): Promise<ObservationMessage> {
    const { model_id, observer, latest_event_at, created_at } = row;
    const observers =
      latest_event_at === null ? {} : { [observer]: { latest: latest_event_at.getTime(), at: created_at.getTime() } };
    return { model_id, pane_ms: Number(row.pane_ms), observers, cells: row.cells ?? (await countOwed(client, row)) };
  }

  async function publish(messages: readonly Written[]): Promise<void> {
    if (messages.length === 0) return;
    const names = await readModelNames(database);
    const receipts = await publisher.publish(
      messages.map(({ id, message }) => {
        const model = names.get(message.model_id)!;
        const { observers, cells } = message;
        const event: ObservationEvent = { id, model, pane_ms: message.pane_ms, observers, cells };
        const head = headers();
        head.set("Nats-Msg-Id", id);
        return { subject: observationSubject(model.name), payload: JSON.stringify(event), headers: head };
      }),
    );
    const stored = messages.filter((_, index) => receipts[index]!.kind === "stored").map(({ id }) => id);
    if (stored.length < messages.length) {
      log.warn({ messages: messages.length - stored.length }, "the broker takes no observations, they are kept");
    }
    await notePublished(database, stored);
  }

  function passNow(): Promise<void> {
    running ??= pass()
      .catch((error: unknown) => {
        if (isDatabaseOutage(error)) log.debug({ error: messageOf(error) }, "observations wait for PostgreSQL");
        else log.error({ err: error, error: messageOf(error) }, "observations could not be passed on, they are kept");
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  const timer = setInterval(() => {
    if (!stopped) void passNow();
  }, PERIOD_MS);

  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
      await passNow();
    },
  };
}

/** What was merged, and of how many rows. */
type Portion = { readonly taken: number; readonly messages: readonly Written[] };
type Written = { readonly id: string; readonly message: ObservationMessage };

async function write(client: DatabaseClient, messages: readonly ObservationMessage[]): Promise<Written[]> {
  const written: Written[] = [];
  for (const message of mergeMessages(messages)) written.push({ id: await insertMessage(client, message), message });
  return written;
}
