import type { Database } from "../../platform/postgres.ts";

export type AuditEntry = {
  /** Who did it: the token's name and id, or the command line, which has no token. */
  readonly name: string;
  readonly tokenId: string | undefined;
  /** What was done, such as `deadletters.requeue`. */
  readonly action: string;
  /** What it was done to, such as `applications-17`. */
  readonly subject: string;
  /** `begun` where it could be cut off; then what came of it: `done`, or why not, in a word or a sentence. */
  readonly result: string;
};

/** Who did what was done without a token. */
export const COMMAND_LINE = { name: "command line", tokenId: undefined } as const;

/** Enters a change in the audit trail, which nobody may change or delete from. */
export function recordChange(database: Pick<Database, "query">, entry: AuditEntry): Promise<void> {
  return recordChanges(database, [entry]);
}

/** Likewise, with several in one statement. */
export async function recordChanges(database: Pick<Database, "query">, entries: readonly AuditEntry[]): Promise<void> {
  await database.query(
    `insert into plumbline.audit (name, token_id, action, subject, result)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])`,
    [
      entries.map(({ name }) => name),
      entries.map(({ tokenId }) => tokenId ?? null),
      entries.map(({ action }) => action),
      entries.map(({ subject }) => subject),
      entries.map(({ result }) => result),
    ],
  );
}
