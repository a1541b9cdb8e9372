import { randomBytes } from "node:crypto";
import type { Database } from "../platform/postgres.ts";

/**
 * Lets the scorers of this start log in as `plumbline_scorer`, the role that may add to the record and change none of its
 * rows, and returns the database's address for them. The password is new with every start and written nowhere.
 */
export async function openScorerLogin(database: Database, databaseUrl: string): Promise<string> {
  const password = randomBytes(24).toString("hex");
  // A utility statement takes no parameters; the password is hexadecimal.
  await database.query(`alter role plumbline_scorer with login password '${password}'`);
  const url = new URL(databaseUrl);
  url.username = "plumbline_scorer";
  url.password = password;
  return url.href;
}
