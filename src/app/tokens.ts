import { COMMAND_LINE, recordChange } from "../gateway/access/audit.ts";
import { createToken, listTokens, type NewToken, revokeToken, type TokenRow } from "../gateway/access/tokens.ts";
import { OperatorError } from "../platform/errors.ts";
import { type Database, inTransaction } from "../platform/postgres.ts";
import { type Command, databaseFor } from "./command-servers.ts";
import { signingSecret } from "./token-trust.ts";

/** Makes a token. */
export async function makeToken(command: Command, wanted: NewToken): Promise<Awaited<ReturnType<typeof createToken>>> {
  const secret = await signingSecret(command.environment);
  const database = await databaseFor(command);
  try {
    return await createAudited(database, secret, wanted);
  } finally {
    await database.end();
  }
}

/** Makes a token and enters it in the audit trail: both or neither. */
export function createAudited(
  database: Database,
  secret: Uint8Array,
  wanted: NewToken,
): Promise<Awaited<ReturnType<typeof createToken>>> {
  return inTransaction(database, async (client) => {
    const made = await createToken(client, secret, wanted);
    await recordChange(client, { ...COMMAND_LINE, action: "token.create", subject: made.id, result: "done" });
    return made;
  });
}

/** Revokes a token; gateways refuse it within two seconds. @throws OperatorError when there is none of that id. */
export async function withdrawToken(command: Command, id: string): Promise<TokenRow> {
  const database = await databaseFor(command);
  try {
    return await inTransaction(database, async (client) => {
      const revoked = await revokeToken(client, id);
      if (revoked === undefined)
        throw new OperatorError(`there is no token ${id}; \`plumbline token list\` shows them.`);
      await recordChange(client, { ...COMMAND_LINE, action: "token.revoke", subject: id, result: "done" });
      return revoked;
    });
  } finally {
    await database.end();
  }
}

export async function allTokens(command: Command): Promise<TokenRow[]> {
  const database = await databaseFor(command);
  try {
    return await listTokens(database);
  } finally {
    await database.end();
  }
}
