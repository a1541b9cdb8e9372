import type { Msg } from "@nats-io/transport-node";
import type { Validator } from "../models/validate.ts";
import { ack } from "../platform/delivery.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { type Database, isDatabaseOutage, isDataFault } from "../platform/postgres.ts";
import type { Publication, Publisher } from "../platform/publisher.ts";
import { retry } from "../platform/retry.ts";
import { type Entry, readEntry } from "./entry.ts";
import { createIsolation, MOST_ATTEMPTS, poison } from "./isolate.ts";
import { type Account, indexRows, judge, type StoredRows } from "./judge.ts";
import type { Stage } from "./metrics.ts";
import { isPublished, publicationOf } from "./publication.ts";
import { insertRows, type NewRow, readRows, sequenceOf } from "./record.ts";
import type { Scorable, StageClock } from "./score.ts";

export type PipelineParts = {
  readonly validator: Validator;
  readonly score: (entries: readonly Scorable[]) => Promise<readonly NewRow[]>;
  readonly database: Database;
  readonly publisher: Publisher;
  readonly clock: StageClock;
  /** Told when a server goes away (true) and when it is back (false). */
  readonly onOutage: (away: boolean) => void;
  readonly onDatabaseError: (kind: "outage" | "data") => void;
  /** Told as a batch passes the boundaries at which a crash is interesting. */
  readonly onBoundary: (boundary: Boundary) => void | Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

export const BOUNDARIES = ["received", "before_commit", "after_commit", "after_publish", "after_ack"] as const;
export type Boundary = (typeof BOUNDARIES)[number];

export type Accounted = { readonly entry: Entry; readonly account: Account };

const BACKOFF = { firstMs: 100, longestMs: 5_000 };

/**
 * The way of a batch: decode → score → record → publish → acknowledge. The unacknowledged input is the outbox: until
 * the last step nothing is forgotten, and every step before it may be repeated without harm.
 */
export function createPipeline(parts: PipelineParts) {
  const { validator, database, publisher, clock, log, signal, onBoundary } = parts;
  const scoreAlone = createIsolation({ score: parts.score, database, untilServed, log });

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
    const rows: NewRow[] = entries.filter((entry) => !isScorable(entry)).map(deadLetterRow);
    try {
      rows.push(...(await parts.score(fresh)));
    } catch (error) {
      log.warn({ applications: fresh.length, error: messageOf(error) }, "scoring a batch failed, scoring one by one");
      alone.push(...fresh);
    }
    rows.push(...(await scoreAlone(alone)));
    return rows;
  }

  /** Writes the rows; entries whose sequence or id was taken meanwhile are judged by what is stored. */
  async function record(entries: readonly Entry[], firstRows: readonly NewRow[]): Promise<Accounted[]> {
    const done: Accounted[] = [];
    const bySequence = new Map(entries.map((entry) => [entry.sequence, entry]));
    for (let rows = firstRows; rows.length > 0; ) {
      const refused: NewRow[] = [];
      const inserted = await insert(rows, refused);
      for (const row of rows) {
        if (inserted.has(sequenceOf(row)))
          done.push({ entry: bySequence.get(sequenceOf(row))!, account: newAccount(row) });
      }
      const taken = rows.filter((row) => !inserted.has(sequenceOf(row)) && !refused.includes(row));
      const takenEntries = taken.map((row) => bySequence.get(sequenceOf(row))!);
      const stored = await lookUp(takenEntries);
      const next = account(takenEntries, stored);
      done.push(...next.accounted);
      // Left are conflicts, now rejected entries, and rows whose competitor was removed in between.
      const open = new Map(next.open.map((entry) => [entry.sequence, entry]));
      const remaining = taken.flatMap((row) => {
        const entry = open.get(sequenceOf(row));
        if (entry === undefined) return [];
        return isScorable(entry) ? [row] : [deadLetterRow(entry)];
      });
      rows = [...remaining, ...refused.map((row) => poison(bySequence.get(sequenceOf(row))!, "storing"))];
    }
    return done;
  }

  /** Splits entries into those accounted for by what is stored, and the others; a conflict is a rejected entry. */
  function account(entries: readonly Entry[], stored: StoredRows): { accounted: Accounted[]; open: Entry[] } {
    const accounted: Accounted[] = [];
    const open: Entry[] = [];
    for (const entry of entries) {
      const judgement = judge(entry, stored);
      if (judgement.kind === "open") open.push(entry);
      else if (judgement.kind === "conflict") {
        open.push({ ...entry, content: { kind: "rejected", rejection: judgement.rejection } });
      } else accounted.push({ entry, account: judgement });
    }
    return { accounted, open };
  }

  async function lookUp(entries: readonly Entry[]): Promise<StoredRows> {
    if (entries.length === 0) return indexRows([]);
    const sequences = entries.map(({ sequence }) => sequence);
    const ids = entries.filter(isScorable).map(({ content }) => content.event.application_id);
    return indexRows(await untilServed(() => readRows(database, sequences, ids)));
  }

  /**
   * Inserts rows; a batch that the database refuses for its data is halved until the row is found, which then goes to
   * `refused`. Returns the sequences that were inserted.
   */
  async function insert(rows: readonly NewRow[], refused: NewRow[], attempt = 1): Promise<Set<number>> {
    try {
      return await untilServed(() => insertRows(database, rows));
    } catch (error) {
      if (!isDataFault(error)) throw error;
      parts.onDatabaseError("data");
      log.warn({ rows: rows.length, attempt, error: messageOf(error) }, "the database refuses a batch for its data");
      if (rows.length === 1) {
        // A dead letter holds nothing of its sender's: the fault is the database's, and waiting may help.
        if (rows[0]!.kind === "dead_letter") throw error;
        if (attempt < MOST_ATTEMPTS) return insert(rows, refused, attempt + 1);
        refused.push(...rows);
        return new Set();
      }
      const middle = rows.length >> 1;
      const first = await insert(rows.slice(0, middle), refused);
      return first.union(await insert(rows.slice(middle), refused));
    }
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

function isScorable(entry: Entry): entry is Scorable {
  return entry.content.kind === "application";
}

function deadLetterRow({ sequence, receivedAt, content }: Entry): NewRow {
  if (content.kind !== "rejected") throw new Error("only a rejected event becomes a dead letter");
  return { kind: "dead_letter", sequence, receivedAt, rejection: content.rejection };
}

function newAccount(row: NewRow): Account {
  if (row.kind === "decision") return { kind: "decided", decision: row.decision, isNew: true };
  return { kind: "dead_letter", rejection: row.rejection, isNew: true, requeued: false };
}

/** Times a stage. */
export function stageClock(took: (stage: Stage, seconds: number) => void): StageClock {
  return async (stage, work) => {
    const from = process.hrtime.bigint();
    try {
      return await work();
    } finally {
      took(stage, Number(process.hrtime.bigint() - from) / 1e9);
    }
  };
}
