import type { ApplicationEvent, FeatureValue } from "../../contracts/application.ts";
import { equalContent } from "../../contracts/content.ts";
import { type ScoreEvent, scoreEvent } from "../../contracts/score.ts";
import { type DecisionRow, storedDecision } from "../../models/decision-row.ts";
import { textArray } from "../../platform/binary-array.ts";
import type { Database } from "../../platform/postgres.ts";
import { unavailable } from "../problem.ts";

/** An application that was decided: its score event, and what of its content others may read. */
type Decided = {
  readonly score: ScoreEvent;
  readonly features: Readonly<Record<string, FeatureValue>>;
};

export type FindDecided = (applicationIds: readonly string[]) => Promise<ReadonlyMap<string, Decided>>;

/** More than this many at once gain nothing: what comes meanwhile is asked for together. */
const QUERIES_AT_ONCE = 2;
const MOST_IDS = 2_000;
/** Ids that wait to be asked for. A database that says nothing is given up after many seconds only. */
const MOST_WAITING = 10_000;
const RETRY_S = 2;

type Question = {
  readonly ids: readonly string[];
  readonly resolve: (found: ReadonlyMap<string, Decided>) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Looks up which applications are decided. Questions that come while two queries are on their way are asked together in the
 * next one: at a thousand submissions a second a query for each would cost more than all else that is done for them.
 * @throws Problem 503 when too many wait already.
 */
export function createFindDecided(database: Database): FindDecided {
  const waiting: Question[] = [];
  let waitingIds = 0;
  let queries = 0;

  async function ask(): Promise<void> {
    const questions = takeSome(waiting);
    if (questions.length === 0) return;
    for (const { ids } of questions) waitingIds -= ids.length;
    queries++;
    try {
      const found = await readDecided(
        database,
        questions.flatMap(({ ids }) => ids),
      );
      for (const { resolve } of questions) resolve(found);
    } catch (error) {
      for (const { reject } of questions) reject(error);
    } finally {
      queries--;
      void ask();
    }
  }

  return (ids) =>
    new Promise((resolve, reject) => {
      if (waitingIds >= MOST_WAITING) {
        reject(unavailable("The database doesn't answer fast enough. Send it again.", RETRY_S));
        return;
      }
      waiting.push({ ids, resolve, reject });
      waitingIds += ids.length;
      if (queries < QUERIES_AT_ONCE) void ask();
    });
}

function takeSome(waiting: Question[]): Question[] {
  let ids = 0;
  const end = waiting.findIndex((question) => {
    ids += question.ids.length;
    return ids > MOST_IDS;
  });
  // At least one, however many ids it has.
  return waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
}

async function readDecided(database: Database, ids: readonly string[]): Promise<Map<string, Decided>> {
  const { rows } = await database.query<Row>(
    `select application_id, channel, submitted_at, received_at, scored_at, sequence, model_name, model_version, model_sha256,
       policy_version, score, risk_band, decision, reasons, supersedes, features
     from public.scores where application_id = any($1::text[])`,
    [textArray(ids)],
  );
  return new Map(
    rows.map((row) => [row.application_id, { score: scoreEvent(storedDecision(row)), features: row.features }]),
  );
}

type Row = DecisionRow & { readonly features: Decided["features"] };

export type Compared = { readonly event: ApplicationEvent; readonly decided: Decided };

/**
 * Whether each application has the content of the one of its id that was decided. The database compares what is protected:
 * it is no business of a gateway's what those values are.
 */
export async function haveSameContent(database: Database, pairs: readonly Compared[]): Promise<boolean[]> {
  const isReadableEqual = pairs.map(({ event, decided }) => {
    const { submitted_at } = decided.score;
    return equalContent({ ...event, submitted_at, features: decided.features }, event);
  });
  const open = pairs.filter((_, index) => isReadableEqual[index]).map(({ event }) => event);
  if (open.length === 0) return isReadableEqual;
  const { rows } = await database.query<{ equal: boolean | null }>(
    `select plumbline.has_protected(id, attributes::jsonb) as equal
     from unnest($1::text[], $2::text[]) with ordinality as asked (id, attributes, position) order by position`,
    [
      textArray(open.map(({ application_id }) => application_id)),
      textArray(open.map((event) => JSON.stringify(event.protected ?? {}))),
    ],
  );
  const answers = rows.values();
  return isReadableEqual.map((isEqual) => isEqual && answers.next().value?.equal === true);
}
