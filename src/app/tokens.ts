import { COMMAND_LINE, recordChange } from "../gateway/access/audit.ts";
import { createToken, listTokens, type NewToken, revokeToken, type TokenRow } from "../gateway/access/tokens.ts";
import { OperatorError } from "../platform/errors.ts";
import { type Command, databaseFor } from "./command-servers.ts";
import { signingSecret } from "./token-trust.ts";

/** Makes a token. */
export async function makeToken(command: Command, wanted: NewToken): Promise<Awaited<ReturnType<typeof createToken>>> {
  const secret = await signingSecret(command.environment);
  const database = await databaseFor(command);
  try {
    const made = await createToken(database, secret, wanted);
    await recordChange(database, { ...COMMAND_LINE, action: "token.create", subject: made.id, result: "done" });
    return made;
  } finally {
    await database.end();
  }
}

/** Revokes a token; gateways refuse it within two seconds. @throws OperatorError when there is none of that id. */
export async function withdrawToken(command: Command, id: string): Promise<TokenRow> {
  const database = await databaseFor(command);
  try {
    const revoked = await revokeToken(database, id);
    if (revoked === undefined) throw new OperatorError(`there is no token ${id}; \`plumbline token list\` shows them.`);
    await recordChange(database, { ...COMMAND_LINE, action: "token.revoke", subject: id, result: "done" });
    return revoked;
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
