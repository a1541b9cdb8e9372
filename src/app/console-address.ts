import { createLogger } from "../platform/log.ts";
import { connectDatabase } from "../platform/postgres.ts";
import type { SupervisedProcess } from "../platform/supervise.ts";
import type { Environment } from "./environment.ts";
import { announcedUrl } from "./live-view.ts";
import type { ServerAddresses } from "./servers-file.ts";
import { tokenTrust } from "./token-trust.ts";
import { createAudited } from "./tokens.ts";

/** A working day; the next start makes another. */
const LIFETIME_MS = 12 * 3_600_000;

/**
 * The console's address, with a new token that opens it. Behind the # it is never sent to a server; the page puts it away and
 * takes it out of the address bar. Without one where an identity provider makes the tokens.
 */
export async function consoleAddress(
  environment: Environment,
  { databaseUrl }: ServerAddresses,
  gateway: SupervisedProcess,
  signal: AbortSignal,
): Promise<string> {
  const url = await announcedUrl(environment.PLUMBLINE_HOME, "gateway", gateway.pid(), "serves");
  const trust = await tokenTrust(environment);
  if (trust.kind === "jwks") return `${url}/ (sign in with a token of your identity provider)`;
  const log = createLogger("error", "up");
  const database = await connectDatabase({ url: databaseUrl, connections: 1, log, signal });
  try {
    const made = await createAudited(database, trust.secret, { name: "up", role: "admin", lifetimeMs: LIFETIME_MS });
    return `${url}/#token=${made.token}`;
  } finally {
    await database.end();
  }
}
