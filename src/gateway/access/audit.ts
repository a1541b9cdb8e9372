import type { Database } from "../../platform/postgres.ts";

export type AuditEntry = {
  /** Who did it: the token's name and id, or the command line, which has no token. */
  readonly name: string;
  readonly tokenId: string | undefined;
  /** What was done, such as `deadletters.requeue`. */
  readonly action: string;
  /** What it was done to, such as `applications-17`. */
  readonly subject: string;
  /** What came of it: `done`, or why not, in a word or a sentence. */
  readonly result: string;
};

/** Who did what was done without a token. */
export const COMMAND_LINE = { name: "command line", tokenId: undefined } as const;

/** Enters a change in the audit trail, which nobody may change or delete from. */
export async function recordChange(database: Pick<Database, "query">, entry: AuditEntry): Promise<void> {
  const { name, tokenId, action, subject, result } = entry;
  await database.query(
    "insert into plumbline.audit (name, token_id, action, subject, result) values ($1, $2, $3, $4, $5)",
    [name, tokenId ?? null, action, subject, result],
  );
}
