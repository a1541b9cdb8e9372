import { headers } from "@nats-io/transport-node";
import type { ObservationEvent } from "../contracts/observation.ts";
import { observationSubject } from "../contracts/subjects.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { type Database, type DatabaseClient, inTransaction } from "../platform/postgres.ts";
import type { Publisher } from "../platform/publisher.ts";
import { observationLayout } from "../statistics/observation-layout.ts";
import { createObserver } from "../statistics/observe.ts";
import { observeStored } from "../statistics/stored-observations.ts";
import { mergeMessages } from "./merge-observations.ts";
import {
  insertMessage,
  notePublished,
  type ObservationMessage,
  type ObservationRow,
  readModelNames,
  readOwed,
  takeLostMessages,
  takeRows,
} from "./observation-rows.ts";
import type { Observed } from "./observations.ts";

export type PassingOn = { stop(): Promise<void> };

const PERIOD_MS = 1_000;
const MOST_ROWS = 200;
/** A message that was not counted after so long is merged with its like and published anew. */
const LOST_AFTER_MS = 5 * 60_000;
const LOOK_FOR_LOST_MS = 30_000;

/**
 * Passes the batches' counts on: every second, merges what there is into one message per model, and publishes it. The
 * merging is a transaction, so that each count is in exactly one row at any time; a message that goes astray, or waits
 * for a drift consumer that is away, is merged with its like, so that what waits doesn't grow with time.
 */
export function passObservationsOn(options: {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly observed: Observed;
  readonly log: Logger;
}): PassingOn {
  const { database, publisher, observed, log } = options;
  let lookedForLostAt = Date.now();
  let stopped = false;
  let running: Promise<void> | undefined;

  async function pass(): Promise<void> {
    const look = Date.now() - lookedForLostAt > LOOK_FOR_LOST_MS;
    if (look) lookedForLostAt = Date.now();
    for (let more = true; more; ) {
      const messages = await inTransaction(database, async (client) => {
        const rows = await takeRows(client, observed.modelId, MOST_ROWS);
        more = rows.length === MOST_ROWS;
        const lost = look ? await takeLostMessages(client, LOST_AFTER_MS, MOST_ROWS) : [];
        if (lost.length > 0)
          log.info({ messages: lost.length }, "observations that nobody counted are passed on again");
        const merged = mergeMessages([
          ...(await Promise.all(rows.map((row) => messageOfRow(client, row, observed)))),
          ...lost,
        ]);
        const written: { id: string; message: ObservationMessage }[] = [];
        for (const message of merged) written.push({ id: await insertMessage(client, message), message });
        return written;
      });
      if (messages.length > 0) await publish(messages);
    }
  }

  async function publish(messages: readonly { id: string; message: ObservationMessage }[]): Promise<void> {
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
      .catch((error: unknown) => log.debug({ error: messageOf(error) }, "observations wait for a server"))
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

/** A batch's counts as a message; what is owed is counted from the record. */
async function messageOfRow(
  client: DatabaseClient,
  row: ObservationRow,
  { manifest, reference, grid }: Observed,
): Promise<ObservationMessage> {
  const paneMs = Number(row.pane_ms);
  const at = row.created_at.getTime();
  const seen = row.latest_event_at?.getTime();
  const observers = seen === undefined ? {} : { [row.observer]: { latest: seen, at } };
  if (row.cells !== null) return { model_id: row.model_id, pane_ms: paneMs, observers, cells: row.cells };
  // Those of the batch that were not new had been counted by whoever wrote them.
  const widthOf = { ...grid, paneMs };
  const observation = createObserver(manifest.features, observationLayout(reference), widthOf)();
  for (const stored of await readOwed(client, row.owed ?? [])) observeStored(observation, stored);
  return { model_id: row.model_id, pane_ms: paneMs, observers, cells: observation.cells() };
}
