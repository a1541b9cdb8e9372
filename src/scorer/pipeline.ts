import type { Msg } from "@nats-io/transport-node";
import type { Validator } from "../models/validate.ts";
import { ack } from "../platform/delivery.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { type Database, isDatabaseOutage } from "../platform/postgres.ts";
import type { Publication, Publisher } from "../platform/publisher.ts";
import { isPublished } from "../platform/refusals.ts";
import { retry } from "../platform/retry.ts";
import { type Entry, readEntry } from "./entry.ts";
import { createIsolation } from "./isolate.ts";
import { publicationOf } from "./publication.ts";
import type { BatchObservation, NewRow } from "./record.ts";
import { type Accounted, account, createRecording, deadLetterRow } from "./recording.ts";
import { isScorable, type Scorable } from "./score.ts";
import type { StageClock } from "./stage-clock.ts";

export type PipelineParts = {
  readonly validator: Validator;
  /** The model that the validator is of. */
  readonly modelId: number;
  readonly score: (entries: readonly Scorable[]) => Promise<readonly NewRow[]>;
  readonly database: Database;
  readonly publisher: Publisher;
  readonly clock: StageClock;
  /** Told when a server goes away (true) and when it is back (false). */
  readonly onOutage: (away: boolean) => void;
  readonly observe: (rows: readonly NewRow[]) => BatchObservation | undefined;
  readonly onDatabaseError: (kind: "outage" | "data") => void;
  /** Told as a batch passes the boundaries at which a crash is interesting. */
  readonly onBoundary: (boundary: Boundary) => void | Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

export const BOUNDARIES = ["received", "before_commit", "after_commit", "after_publish", "after_ack"] as const;
export type Boundary = (typeof BOUNDARIES)[number];

const BACKOFF = { firstMs: 100, longestMs: 5_000 };

/**
 * The way of a batch: decode → score → record → publish → acknowledge. The unacknowledged input is the outbox: until
 * the last step nothing is forgotten, and every step before it may be repeated without harm.
 */
export function createPipeline(parts: PipelineParts) {
  const { validator, modelId, database, publisher, clock, log, signal, onBoundary } = parts;
  const scoreAlone = createIsolation({ score: parts.score, database, untilServed, log });
  const onDataFault = () => parts.onDatabaseError("data");
  const { observe } = parts;
  const { lookUp, record } = createRecording({ database, modelId, untilServed, observe, onDataFault, log });

  return async function processBatch(messages: readonly Msg[]): Promise<Accounted[]> {
    await onBoundary("received");
    const entries = await clock("decode", () => withoutTwins(messages.map((message) => readEntry(message, validator))));
    const redelivered = entries.filter(({ deliveries }) => deliveries > 1);
    const known = await lookUp(redelivered);
    const { accounted, open } = account(entries, known);
    const rows = await decideRows(open);
    await onBoundary("before_commit");
    const recorded = await clock("persist", () => record(open, rows));
    await onBoundary("after_commit");
    const all = [...accounted, ...recorded];
    await clock("publish", () => publish(all));
    await onBoundary("after_publish");
    for (const { entry } of all) ack(entry.message);
    await onBoundary("after_ack");
    return all;
  };

  /** New rows for entries that nothing is stored for. Redelivered ones, and a batch that fails, are scored one by one. */
  async function decideRows(entries: readonly Entry[]): Promise<NewRow[]> {
    const scorable = entries.filter(isScorable);
    const fresh = scorable.filter(({ deliveries }) => deliveries === 1);
    const alone = scorable.filter(({ deliveries }) => deliveries > 1);
    const rows: NewRow[] = entries.filter((entry) => !isScorable(entry)).map((entry) => deadLetterRow(entry, modelId));
    try {
      rows.push(...(await parts.score(fresh)));
    } catch (error) {
      log.warn({ applications: fresh.length, error: messageOf(error) }, "scoring a batch failed, scoring one by one");
      alone.push(...fresh);
    }
    rows.push(...(await scoreAlone(alone)));
    return rows;
  }

  /** Publishes every account until the stream has it; a stream that is full or away is waited for. */
  async function publish(accounted: readonly Accounted[]): Promise<void> {
    let open = accounted.flatMap(({ entry, account }) => publicationOf(entry, account) ?? []);
    await waitingFor(
      async () => {
        const receipts = await publisher.publish(open);
        const refusal = receipts.find((receipt) => !isPublished(receipt));
        open = open.filter((_: Publication, index) => !isPublished(receipts[index]!));
        if (refusal === undefined) return;
        throw new Error(refusal.kind === "refused" ? refusal.description : "no acknowledgement in time");
      },
      () => "the broker takes no results",
    );
  }

  /** Runs a query, waiting while the database is away. Its other errors are the caller's. */
  function untilServed<T>(query: () => Promise<T>): Promise<T> {
    return waitingFor(query, (error) => {
      if (!isDatabaseOutage(error)) return undefined;
      parts.onDatabaseError("outage");
      return "PostgreSQL is away";
    });
  }

  async function waitingFor<T>(attempt: () => Promise<T>, outage: (error: unknown) => string | undefined): Promise<T> {
    let away = false;
    try {
      return await retry(
        attempt,
        (error, waitMs) => {
          const what = outage(error);
          if (what === undefined) throw error;
          if (!away) parts.onOutage(true);
          away = true;
          log.warn({ error: messageOf(error), waitMs }, `${what}, waiting`);
        },
        BACKOFF,
        signal,
      );
    } finally {
      if (away) parts.onOutage(false);
    }
  }
}

/** A message that was delivered again before its first copy was taken up is one message; one acknowledgement settles it. */
function withoutTwins(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.sequence, entry])).values()];
}
