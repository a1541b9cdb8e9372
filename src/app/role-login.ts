import { randomBytes } from "node:crypto";
import type { Database } from "../platform/postgres.ts";

/** Roles of the database that `plumbline up` starts processes as. */
export type DatabaseRole = "plumbline_scorer" | "plumbline_drift" | "plumbline_alerts" | "plumbline_gateway";

/**
 * Lets the processes of this start log in as a role that has the rights it needs and no others (a scorer may add to the
 * record and change none of its rows), and returns the database's address for them. The password is new with every
 * start and written nowhere.
 */
export async function openLogin(database: Database, databaseUrl: string, role: DatabaseRole): Promise<string> {
  const password = randomBytes(24).toString("hex");
  // A utility statement takes no parameters; the role is one of ours and the password is hexadecimal.
  await database.query(`alter role ${role} with login password '${password}'`);
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = password;
  return url.href;
}
