import type { Decision, ScoreEvent } from "../../contracts/score.ts";
import { scoreEvent } from "../../contracts/score.ts";
import { type DecisionRow, storedDecision } from "../../models/decision-row.ts";
import type { Database } from "../../platform/postgres.ts";
import type { Page } from "./paging.ts";

export type ScoreFilter = {
  readonly channel?: string | undefined;
  readonly decision?: Decision | undefined;
  readonly model?: string | undefined;
  /** Of the submission; RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

const COLUMNS = `application_id, channel, submitted_at, received_at, scored_at, sequence, model_name, model_version,
  model_sha256, policy_version, score, risk_band, decision, reasons, supersedes`;

/** Of a filter that fits next to nothing so many applications are looked at in one request, and the next one goes on. */
const MOST_LOOKED_AT = 200_000;

/**
 * Decisions by their sequence, newest first. A page may hold fewer than asked for, even none, and have one after it:
 * then so many applications were looked at and few fit.
 *
 * @returns `next`, the position that the next page begins before; undefined when there is none.
 */
export async function readScores(
  database: Database,
  { channel, decision, model, from, to }: ScoreFilter,
  { limit, before }: Page,
): Promise<{ scores: ScoreEvent[]; next: number | undefined }> {
  const newest = before ?? (await newestSequence(database)) + 1;
  const least = Math.max(0, newest - MOST_LOOKED_AT);
  const { rows } = await database.query<DecisionRow>(
    `select ${COLUMNS} from public.scores
     where sequence < $1 and sequence >= $2 and ($3::text is null or channel = $3) and ($4::text is null or decision = $4)
       and ($5::text is null or model_name = $5) and ($6::timestamptz is null or submitted_at >= $6)
       and ($7::timestamptz is null or submitted_at < $7)
     order by sequence desc limit $8`,
    [newest, least, channel, decision, model, instantOf(from), instantOf(to), limit],
  );
  const scores = rows.map(scoreOf);
  if (rows.length === limit) return { scores, next: scores.at(-1)!.sequence };
  return { scores, next: least > 0 ? least : undefined };
}

/** Not as text: PostgreSQL writes the year 0 in another way. */
function instantOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

async function newestSequence(database: Database): Promise<number> {
  const { rows } = await database.query<{ sequence: string }>(
    "select sequence from public.scores order by sequence desc limit 1",
  );
  return Number(rows[0]?.sequence ?? 0);
}

/** The decision of an application as its score event, whose bytes it has; undefined when there is none. */
export async function readScoreEvent(database: Database, applicationId: string): Promise<ScoreEvent | undefined> {
  const { rows } = await database.query<DecisionRow>(`select ${COLUMNS} from public.scores where application_id = $1`, [
    applicationId,
  ]);
  return rows[0] && scoreOf(rows[0]);
}

function scoreOf(row: DecisionRow): ScoreEvent {
  return scoreEvent(storedDecision(row));
}
