import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import type { Database } from "../../platform/postgres.ts";
import { revokedTokens } from "./tokens.ts";

export type Revocations = { isRevoked(tokenId: string): boolean; stop(): void };

/** A revoked token is refused within two of these. */
const PERIOD_MS = 1_000;

/**
 * Watches which tokens are revoked. While the database is away what was known last holds: nobody gets in who couldn't before.
 * @param first what is revoked at the start.
 */
export function watchRevocations(database: Database, first: ReadonlySet<string>, log: Logger): Revocations {
  let revoked = first;
  let asking = false;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    try {
      revoked = await revokedTokens(database);
    } catch (error) {
      log.warn({ error: messageOf(error) }, "can't read which tokens are revoked, going by what was known last");
    } finally {
      asking = false;
    }
  }, PERIOD_MS);
  return { isRevoked: (tokenId) => revoked.has(tokenId), stop: () => clearInterval(timer) };
}
