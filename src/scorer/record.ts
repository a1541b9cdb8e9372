import type { ApplicationEvent } from "../contracts/application.ts";
import type { Rejection } from "../contracts/dead-letter.ts";
import type { StoredDecision } from "../contracts/score.ts";
import { type DecisionRow, storedDecision } from "../models/decision-row.ts";
import { bigintArray, doubleArray, textArray, timestampArray } from "../platform/binary-array.ts";
import type { Database } from "../platform/postgres.ts";

/** A row to be: the decision of an application, or the dead letter of a message. */
export type NewRow = NewDecision | NewDeadLetter;
export type NewDecision = {
  readonly kind: "decision";
  readonly decision: StoredDecision;
  readonly modelId: number;
  readonly reasonMethod: string | null;
  readonly application: ApplicationEvent;
  /** The application as the database stores it. */
  readonly event: Uint8Array | string;
};
export type NewDeadLetter = {
  readonly kind: "dead_letter";
  readonly sequence: number;
  readonly receivedAt: number;
  readonly rejection: Rejection;
  /** Undefined when the subject names none. */
  readonly channel: string | undefined;
  /** Whose manifest the type of a feature goes against. */
  readonly modelId?: number | undefined;
};

/** Counts of a batch, written with it; times in milliseconds since 1970. */
export type BatchObservation = {
  readonly modelId: number;
  readonly observer: string;
  readonly latestEventAt: number | undefined;
  readonly paneMs: number;
  /** Where panes begin: from 0 up to and without paneMs. */
  readonly paneOffsetMs: number;
  /** JSON of its cells. */
  readonly cells: string;
};

export function sequenceOf(row: NewRow): number {
  return row.kind === "decision" ? row.decision.sequence : row.sequence;
}

/**
 * Inserts a batch and its observation in one statement and so in one transaction; rows whose sequence or application id
 * is taken are left out. Then the observation, which is of all of them, would be wrong: what is written in its place
 * are the sequences that were inserted, to be counted later. Returns the sequences that were inserted.
 */
export async function insertRows(
  database: Database,
  rows: readonly NewRow[],
  observation?: BatchObservation,
): Promise<Set<number>> {
  const decision = rows.map((row) => (row.kind === "decision" ? row : undefined));
  const letter = rows.map((row) => (row.kind === "dead_letter" ? row : undefined));
  const { rows: inserted } = await database.query<{ sequence: string }>({
    text: observation === undefined ? INSERT : `with inserted as (${INSERT}), ${OBSERVE} select sequence from inserted`,
    values: [
      bigintArray(rows.map(sequenceOf)),
      timestampArray(rows.map((row) => (row.kind === "decision" ? row.decision.receivedAt : row.receivedAt))),
      textArray(decision.map((row) => row?.decision.applicationId)),
      textArray(rows.map((row) => (row.kind === "decision" ? row.decision.channel : row.channel))),
      timestampArray(
        rows.map((row) =>
          row.kind === "decision" ? row.decision.submittedAt : (row.rejection.typeError?.submittedAt ?? null),
        ),
      ),
      timestampArray(decision.map((row) => row?.decision.scoredAt ?? null)),
      bigintArray(rows.map((row) => row.modelId ?? null)),
      textArray(decision.map((row) => row?.decision.policyVersion)),
      doubleArray(decision.map((row) => row?.decision.score ?? null)),
      textArray(decision.map((row) => row?.decision.riskBand)),
      textArray(decision.map((row) => row?.decision.decision)),
      textArray(decision.map((row) => row && JSON.stringify(row.decision.reasons))),
      textArray(decision.map((row) => row?.reasonMethod)),
      textArray(decision.map((row) => row?.event)),
      textArray(letter.map((row) => row?.rejection.reason)),
      textArray(letter.map((row) => row?.rejection.error)),
      textArray(letter.map((row) => row?.rejection.typeError?.feature)),
      ...(observation === undefined ? [] : observationValues(observation, rows.length)),
    ],
  });
  return new Set(inserted.map(({ sequence }) => Number(sequence)));
}

// Sorted, so that two scorers with the same ids in other orders wait for each other instead of deadlocking.
const INSERT = `
  insert into plumbline.applications (
    sequence, received_at, application_id, channel, submitted_at, scored_at, model_id, policy_version, score,
    risk_band, decision, reasons, reason_method, event, dead_letter_reason, dead_letter_error, rejected_feature)
  select
    sequence, received_at, application_id, channel, submitted_at, scored_at, model_id, policy_version, score,
    risk_band, decision, reasons::jsonb, reason_method, event::json, dead_letter_reason, dead_letter_error,
    rejected_feature
  from unnest(
    $1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::int8[],
    $8::text[], $9::float8[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
    $16::text[], $17::text[])
  as batch (sequence, received_at, application_id, channel, submitted_at, scored_at, model_id, policy_version, score,
    risk_band, decision, reasons, reason_method, event, dead_letter_reason, dead_letter_error, rejected_feature)
  order by application_id, sequence
  on conflict do nothing
  returning sequence`;

const OBSERVE = `observed as (
  insert into plumbline.observations (model_id, observer, latest_event_at, pane_ms, pane_offset_ms, cells, owed)
  select $18::int4, $19::uuid, $20::timestamptz, $21::int8, $24::int8,
    case when sequences.whole then $22::json end, case when not sequences.whole then sequences.inserted end
  from (select array_agg(sequence) as inserted, count(*) = $23::int4 as whole from inserted) as sequences
  where sequences.inserted is not null)`;

function observationValues(observation: BatchObservation, rows: number): unknown[] {
  const { modelId, observer, latestEventAt, paneMs, paneOffsetMs, cells } = observation;
  const latest = latestEventAt === undefined ? null : new Date(latestEventAt);
  return [modelId, observer, latest, paneMs, cells, rows, paneOffsetMs];
}

/** What the record holds under a sequence. */
export type StoredRow =
  | { readonly kind: "decision"; readonly decision: StoredDecision; readonly event: string }
  | {
      readonly kind: "dead_letter";
      readonly sequence: number;
      readonly rejection: Rejection;
      readonly requeued: boolean;
    };

/** The rows stored under any of the sequences or application ids. */
export async function readRows(
  database: Database,
  sequences: readonly number[],
  applicationIds: readonly string[],
): Promise<StoredRow[]> {
  const { rows } = await database.query<RawRow>({
    text: `
      select a.sequence, a.received_at, a.application_id, a.channel, a.submitted_at, a.scored_at, a.policy_version,
        a.score, a.risk_band, a.decision, a.reasons, a.event::text as event, a.event ->> 'supersedes' as supersedes,
        a.dead_letter_reason, a.dead_letter_error, a.requeued_at is not null as requeued,
        m.name as model_name, m.version as model_version, m.sha256 as model_sha256
      from plumbline.applications a left join public.models m on m.id = a.model_id
      where a.sequence = any($1::int8[]) or a.application_id = any($2::text[])`,
    values: [bigintArray(sequences), textArray(applicationIds)],
  });
  return rows.map(storedRow);
}

/** Of a dead letter the columns of decisions are null. */
type RawRow =
  | (DecisionRow & { readonly event: string; readonly dead_letter_reason: null })
  | {
      readonly application_id: null;
      readonly sequence: string;
      readonly dead_letter_reason: Rejection["reason"];
      readonly dead_letter_error: string;
      readonly requeued: boolean;
    };

function storedRow(row: RawRow): StoredRow {
  const sequence = Number(row.sequence);
  if (row.application_id === null) {
    const rejection = { reason: row.dead_letter_reason, error: row.dead_letter_error };
    return { kind: "dead_letter", sequence, rejection, requeued: row.requeued };
  }
  return { kind: "decision", decision: storedDecision(row), event: row.event };
}
