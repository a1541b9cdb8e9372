/** Who asks, by the word of a token. */
export type Principal = {
  /** The token's own id, by which it is revoked. */
  readonly tokenId: string;
  /** Whom the token was made for. */
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
};

/**
 * viewer: reads everything but payloads of dead letters. reviewer: reads those too. publisher: submits applications and reads
 * what became of them. admin: all of it, and changes things. alertmanager: tells of alerts and reads nothing.
 */
export const ROLES = ["viewer", "publisher", "reviewer", "admin", "alertmanager"] as const;
export type Role = (typeof ROLES)[number];

/** Whose token opens a route. A list where one role isn't enough to say it; `anyone` needs no token. */
export type RouteRole = Role | "anyone" | readonly Role[];

/** What a role may besides what is declared for itself. */
const ALSO_IS: Readonly<Record<Role, readonly Role[]>> = {
  viewer: [],
  publisher: [],
  reviewer: ["viewer"],
  admin: ["viewer", "publisher", "reviewer", "alertmanager"],
  alertmanager: [],
};

/** Whether a role opens a route that is declared for `wanted`. Pure. */
export function mayPass(role: Role, wanted: RouteRole): boolean {
  if (wanted === "anyone") return true;
  const opening: readonly Role[] = typeof wanted === "string" ? [wanted] : wanted;
  return [role, ...ALSO_IS[role]].some((own) => opening.includes(own));
}

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}
