import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import type { Database } from "../../platform/postgres.ts";
import type { Role } from "./principal.ts";

/** A token as it is listed; the token itself is kept nowhere. */
export type TokenRow = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
};

export type NewToken = {
  readonly name: string;
  readonly role: Role;
  /** In milliseconds from now. */
  readonly lifetimeMs: number;
};

/** Makes a token and enters it in the list. The answer holds the only copy of it. */
export async function createToken(
  database: Pick<Database, "query">,
  secret: Uint8Array,
  { name, role, lifetimeMs }: NewToken,
): Promise<{ readonly id: string; readonly token: string; readonly expiresAt: Date }> {
  // Hexadecimal: one that begins with a dash would be taken for an option of `token revoke`.
  const id = randomBytes(9).toString("hex");
  const issuedAt = Math.floor(Date.now() / 1000);
  // Whole seconds, as a token has them.
  const expires = Math.ceil((Date.now() + lifetimeMs) / 1000);
  const token = await new SignJWT({ name, role })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setJti(id)
    .setSubject(name)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(secret);
  const expiresAt = new Date(expires * 1000);
  await database.query("insert into plumbline.tokens (id, name, role, expires_at) values ($1, $2, $3, $4)", [
    id,
    name,
    role,
    expiresAt,
  ]);
  return { id, token, expiresAt };
}

/** Revokes a token; undefined when there is none of that id. One that was revoked before stays so. */
export async function revokeToken(database: Pick<Database, "query">, id: string): Promise<TokenRow | undefined> {
  const { rows } = await database.query<TokenRow>(
    `update plumbline.tokens set revoked_at = coalesce(revoked_at, now()) where id = $1
     returning id, name, role, created_at, expires_at, revoked_at`,
    [id],
  );
  return rows[0];
}

/** All tokens, newest first. */
export async function listTokens(database: Database): Promise<TokenRow[]> {
  const { rows } = await database.query<TokenRow>(
    "select id, name, role, created_at, expires_at, revoked_at from plumbline.tokens order by created_at desc, id",
  );
  return rows;
}

/** The ids of revoked tokens that would otherwise still be good, also by a clock that is a day behind the database's. */
export async function revokedTokens(database: Database): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>(
    "select id from plumbline.tokens where revoked_at is not null and expires_at > now() - interval '1 day'",
  );
  return new Set(rows.map(({ id }) => id));
}
