import { jetstreamManager } from "@nats-io/jetstream";
import type { ScoreEvent } from "../../contracts/score.ts";
import { OperatorError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { connectNats } from "../../platform/nats.ts";
import { connectDatabase } from "../../platform/postgres.ts";
import { isBrokerOutage } from "../../platform/refusals.ts";
import { unlessMissing } from "../../platform/topology.ts";
import type { Environment } from "../environment.ts";
import { databaseAddress, natsAddress } from "../servers-file.ts";
import { type Finding, failure, ok } from "./check.ts";

const WAIT_MS = 3_000;

/**
 * Whether the database has the newest decision in SCORES. What is published was stored before, so a database that lacks
 * it came back older than the broker, and lacks what was decided since; nothing else would notice. No finding where a
 * server is away or the database isn't migrated, which is found elsewhere, and where nothing is published.
 */
export async function checkRecord(environment: Environment, log: Logger): Promise<Finding[]> {
  try {
    const id = await newestPublished(environment, log);
    if (id === undefined) return [];
    const found = await isStored(environment, id, log);
    if (found === undefined) return [];
    if (found) return [ok("record", "the newest decision in SCORES is stored")];
    const advice =
      "recover the database to a later moment before scorers run, or see docs/operations.md, What may be restored from what";
    return [failure("record", `SCORES has the decision of ${id}, which the database doesn't: it is older`, advice)];
  } catch (error) {
    if (error instanceof OperatorError || isBrokerOutage(error)) return [];
    throw error;
  }
}

async function newestPublished(environment: Environment, log: Logger): Promise<string | undefined> {
  const url = await natsAddress(environment);
  const creds = environment.NATS_CREDS;
  const nc = await connectNats({ url, creds, name: "plumbline-doctor", log, giveUpAfterMs: WAIT_MS });
  try {
    const jsm = await jetstreamManager(nc, { checkAPI: false });
    const newest = await unlessMissing(jsm.streams.getMessage("SCORES", { last_by_subj: "scores.>" }));
    return newest?.json<ScoreEvent>().application_id;
  } finally {
    await nc.close();
  }
}

/** Undefined where the database was never migrated, or the login may not see decisions. */
async function isStored(environment: Environment, id: string, log: Logger): Promise<boolean | undefined> {
  const url = await databaseAddress(environment);
  const database = await connectDatabase({ url, connections: 1, log, giveUpAfterMs: WAIT_MS });
  try {
    const view = await database.query<{ visible: boolean | null }>(
      "select has_table_privilege(to_regclass('public.scores'), 'select') as visible",
    );
    if (!view.rows[0]!.visible) return undefined;
    const { rows } = await database.query("select from public.scores where application_id = $1", [id]);
    return rows.length > 0;
  } finally {
    await database.end();
  }
}
