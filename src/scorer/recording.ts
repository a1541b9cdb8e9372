import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { type Database, isDataFault } from "../platform/postgres.ts";
import type { Entry } from "./entry.ts";
import { MOST_ATTEMPTS, poison } from "./isolate.ts";
import { type Account, indexRows, judge, type StoredRows } from "./judge.ts";
import { type BatchObservation, insertRows, type NewRow, readRows, sequenceOf } from "./record.ts";
import { isScorable } from "./score.ts";

export type Accounted = { readonly entry: Entry; readonly account: Account };

export type RecordingParts = {
  readonly database: Database;
  /** Of the model that entries are validated for. */
  readonly modelId: number;
  readonly untilServed: <T>(query: () => Promise<T>) => Promise<T>;
  /** Counts rows, for drift; undefined for those that nothing is counted of. */
  readonly observe: (rows: readonly NewRow[]) => BatchObservation | undefined;
  /** Told each time that the database refuses rows for their data. */
  readonly onDataFault: () => void;
  readonly log: Logger;
};

/** Returns the steps that read and write the record: looking up what is stored, and recording what was decided. */
export function createRecording({ database, modelId, untilServed, observe, onDataFault, log }: RecordingParts) {
  return { lookUp, record };

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
        return isScorable(entry) ? [row] : [deadLetterRow(entry, modelId)];
      });
      rows = [...remaining, ...refused.map((row) => poison(bySequence.get(sequenceOf(row))!, "storing"))];
    }
    return done;
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
      const observation = observe(rows);
      return await untilServed(() => insertRows(database, rows, observation));
    } catch (error) {
      if (!isDataFault(error)) throw error;
      onDataFault();
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
}

/** Splits entries into those accounted for by what is stored, and the others; a conflict is a rejected entry. */
export function account(entries: readonly Entry[], stored: StoredRows): { accounted: Accounted[]; open: Entry[] } {
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

export function deadLetterRow({ sequence, receivedAt, content }: Entry, modelId: number): NewRow {
  if (content.kind !== "rejected") throw new Error("only a rejected event becomes a dead letter");
  const { rejection, channel } = content;
  const ofModel = rejection.typeError === undefined ? undefined : modelId;
  return { kind: "dead_letter", sequence, receivedAt, rejection, channel, modelId: ofModel };
}

function newAccount(row: NewRow): Account {
  if (row.kind === "decision") return { kind: "decided", decision: row.decision, isNew: true };
  return { kind: "dead_letter", rejection: row.rejection, isNew: true, requeued: false };
}
