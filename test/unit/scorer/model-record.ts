import { type NewRow, type StoredRow, sequenceOf } from "../../../src/scorer/record.ts";

/** What the guarantee assumes of the record: sequence and application id are keys, and an insert is atomic. */
export type ModelRecord = {
  /** Leaves out rows whose sequence or application id is taken; returns the sequences that were inserted. */
  insert(rows: readonly NewRow[]): Set<number>;
  read(sequences: readonly number[], applicationIds: readonly string[]): StoredRow[];
  /** Marks a dead letter as requeued. */
  requeue(sequence: number): void;
  rows(): readonly StoredRow[];
};

export function createModelRecord(): ModelRecord {
  const bySequence = new Map<number, StoredRow>();
  const byApplication = new Map<string, number>();

  function insertOne(row: NewRow): boolean {
    const sequence = sequenceOf(row);
    if (bySequence.has(sequence)) return false;
    if (row.kind === "decision") {
      const { applicationId } = row.decision;
      if (byApplication.has(applicationId)) return false;
      byApplication.set(applicationId, sequence);
    }
    bySequence.set(sequence, stored(row));
    return true;
  }

  return {
    insert: (rows) => new Set(rows.filter(insertOne).map(sequenceOf)),
    read(sequences, applicationIds) {
      const wanted = new Set([...sequences, ...applicationIds.map((id) => byApplication.get(id) ?? 0)]);
      return [...wanted].flatMap((sequence) => bySequence.get(sequence) ?? []);
    },
    requeue(sequence) {
      const row = bySequence.get(sequence);
      if (row?.kind === "dead_letter") bySequence.set(sequence, { ...row, requeued: true });
    },
    rows: () => [...bySequence.values()],
  };
}

function stored(row: NewRow): StoredRow {
  if (row.kind === "decision") {
    return { kind: "decision", decision: row.decision, event: Buffer.from(row.event).toString() };
  }
  return { kind: "dead_letter", sequence: row.sequence, rejection: row.rejection, requeued: false };
}
