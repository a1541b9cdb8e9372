import { readdir } from "node:fs/promises";
import type { Logger } from "../../platform/log.ts";
import { connectDatabase, type Database } from "../../platform/postgres.ts";
import { type Environment, MIGRATIONS } from "../environment.ts";
import { databaseAddress } from "../servers-file.ts";
import { type Finding, failure, ok, warning } from "./check.ts";

const WAIT_MS = 3_000;

/** The database, its schema and the settings that the guarantee rests on. */
export async function checkDatabase(environment: Environment, log: Logger): Promise<Finding[]> {
  const url = await databaseAddress(environment);
  const database = await connectDatabase({ url, connections: 1, log, giveUpAfterMs: WAIT_MS });
  try {
    const { rows } = await database.query<{ version: string; commit: string; fsync: string }>(
      `select current_setting('server_version') as version, current_setting('synchronous_commit') as commit,
        current_setting('fsync') as fsync`,
    );
    const { version, commit, fsync } = rows[0]!;
    const findings = [ok("postgresql", `PostgreSQL ${version} answers`)];
    if (commit === "off" || fsync === "off") {
      const advice = "switch both on: a commit that is lost after its message was acknowledged is a lost application";
      findings.push(failure("postgresql", `synchronous_commit is ${commit}, fsync is ${fsync}`, advice));
    }
    findings.push(...(await checkSchema(database)));
    return findings;
  } finally {
    await database.end();
  }
}

async function checkSchema(database: Database): Promise<Finding[]> {
  const known = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).length;
  const found = await database.query<{ name: string | null }>("select to_regclass('public.migrations') as name");
  const advice = "run `plumbline migrate`";
  if (found.rows[0]?.name == null) return [failure("schema", "the database was never migrated", advice)];
  const { rows } = await database.query<{ last: number }>("select max(id) as last from public.migrations");
  const applied = rows[0]?.last ?? 0;
  if (applied < known) return [failure("schema", `${applied} of ${known} migrations are applied`, advice)];
  // A role's own login sees what the role needs.
  const { rows: may } = await database.query<{ count: boolean }>(
    `select has_table_privilege('plumbline.applications', 'select')
      and has_table_privilege('plumbline.scoring_attempts', 'select') as count`,
  );
  if (!may[0]!.count) {
    return [warning("schema", "migrated; this login may not count the decisions", "look with the operator's login")];
  }
  const counts = await database.query<{ decided: string; dead: string; stuck: string }>(
    `select count(application_id) as decided, count(dead_letter_reason) filter (where requeued_at is null) as dead,
      (select count(*) from plumbline.scoring_attempts) as stuck from plumbline.applications`,
  );
  const { decided, dead, stuck } = counts.rows[0]!;
  const findings = [ok("schema", `migrated; ${decided} decisions, ${dead} dead letters not requeued`)];
  if (Number(stuck) > 0) {
    findings.push(
      warning(
        "schema",
        `${stuck} applications ended a scoring attempt badly`,
        "look into the scorers' logs; three times make a dead letter",
      ),
    );
  }
  return findings;
}
