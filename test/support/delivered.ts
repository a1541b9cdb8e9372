import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import type pg from "pg";

/** What the record and the broker hold at the end, as plain data for the checker. */

/** A row of the `scores` view, times as the contract writes them. */
export type ScoreRow = {
  readonly application_id: string;
  readonly channel: string;
  readonly submitted_at: string;
  readonly received_at: string;
  readonly scored_at: string;
  readonly sequence: number;
  readonly model_name: string;
  readonly model_version: string;
  readonly model_sha256: string;
  readonly policy_version: string;
  readonly score: number;
  readonly risk_band: string;
  readonly decision: string;
  readonly reasons: readonly { code: string; feature: string; text: string; contribution: number }[];
  readonly features: Readonly<Record<string, unknown>>;
};

const RFC_3339 = (column: string) =>
  `to_char(s.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;

export async function readScoreRows(database: pg.Pool): Promise<ScoreRow[]> {
  const { rows } = await database.query(`
    select s.application_id, s.channel, ${["submitted_at", "received_at", "scored_at"].map(RFC_3339).join(", ")},
      s.sequence, s.model_name, s.model_version, m.sha256 as model_sha256, s.policy_version,
      s.score, s.risk_band, s.decision, s.reasons, s.features
    from public.scores s left join public.models m on m.name = s.model_name and m.version = s.model_version
    order by s.sequence`);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

/** A dead letter as it is recorded. */
export type LetterRow = { readonly sequence: number; readonly reason: string };

export async function readLetterRows(database: pg.Pool): Promise<LetterRow[]> {
  const { rows } = await database.query(`
    select sequence, dead_letter_reason as reason from plumbline.applications
    where dead_letter_reason is not null and requeued_at is null`);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

export type StreamMessage = {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs | undefined;
};

/** Every message of a stream, in order. */
export async function readStream(
  js: JetStreamClient,
  jsm: JetStreamManager,
  stream: "SCORES" | "DEADLETTERS" | "EVENTS",
): Promise<StreamMessage[]> {
  const { state } = await jsm.streams.info(stream);
  const messages: StreamMessage[] = [];
  if (state.messages === 0) return messages;
  const consumer = await js.consumers.get(stream);
  const delivered = await consumer.consume({ max_messages: 2_000 });
  for await (const message of delivered) {
    messages.push({ subject: message.subject, payload: message.data, headers: message.headers });
    if (message.info.pending === 0) break;
  }
  await delivered.close();
  await consumer.delete();
  return messages;
}
