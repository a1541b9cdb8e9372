import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { unavailable } from "../problem.ts";
import { isRole, type Principal } from "./principal.ts";

/** Who a token speaks for; undefined when it is none of ours, has expired or was revoked. */
export type Authenticate = (token: string) => Promise<Principal | undefined>;

/** How tokens are verified: with a secret that we share with whoever makes them, or with an identity provider's keys. */
export type TokenTrust =
  | { readonly kind: "secret"; readonly secret: Uint8Array }
  | { readonly kind: "jwks"; readonly url: string; readonly issuer: string; readonly audience: string };

export type AuthenticateOptions = {
  readonly trust: TokenTrust;
  readonly isRevoked: (tokenId: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/** Verified tokens that are remembered; an attacker's don't get in. */
const MOST_REMEMBERED = 10_000;
const LONGEST_TOKEN = 8_192;
const LONGEST_NAME = 64;
/** The last instant that there is a date for. */
const LATEST_EXPIRY_S = 8.64e12;
const RETRY_JWKS_S = 5;
/** Clocks of two machines are rarely further apart; an expiry is not extended by it. */
const CLOCK_TOLERANCE_S = 5;
const ASYMMETRIC = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/**
 * Verifies JSON Web Tokens: signature, expiry and claims once per token, expiry and revocation each time.
 * @throws Problem 503 when the identity provider's keys can't be had.
 */
export function createAuthenticate({ trust, isRevoked, now = Date.now }: AuthenticateOptions): Authenticate {
  const verify = createVerify(trust);
  const remembered = new Map<string, Principal>();

  return async (token) => {
    if (token.length > LONGEST_TOKEN) return undefined;
    const principal = remembered.get(token) ?? (await verify(token));
    if (principal === undefined) return undefined;
    if (principal.expiresAt <= now()) {
      remembered.delete(token);
      return undefined;
    }
    // The oldest goes; it is only verified again.
    if (!remembered.has(token) && remembered.size >= MOST_REMEMBERED)
      remembered.delete(remembered.keys().next().value!);
    remembered.set(token, principal);
    return isRevoked(principal.tokenId) ? undefined : principal;
  };
}

function createVerify(trust: TokenTrust): (token: string) => Promise<Principal | undefined> {
  const common = { requiredClaims: ["exp"], clockTolerance: CLOCK_TOLERANCE_S };
  const claimsOf = claimsReader(trust, common);
  return async (token) => {
    try {
      return principalOf(await claimsOf(token));
    } catch (error) {
      if (isKeysOutage(error)) {
        throw unavailable("The identity provider's keys can't be had just now. Try again.", RETRY_JWKS_S, error);
      }
      return undefined;
    }
  };
}

function claimsReader(trust: TokenTrust, common: { requiredClaims: string[]; clockTolerance: number }) {
  if (trust.kind === "secret") {
    return async (token: string) =>
      (await jwtVerify(token, trust.secret, { ...common, algorithms: ["HS256"] })).payload;
  }
  const keys = createRemoteJWKSet(new URL(trust.url));
  const { issuer, audience } = trust;
  // Without the fence on algorithms a public key could be passed off as a shared secret.
  return async (token: string) =>
    (await jwtVerify(token, keys, { ...common, issuer, audience, algorithms: ASYMMETRIC })).payload;
}

/** The keys couldn't be fetched, which says nothing about the token. */
function isKeysOutage(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  // A status that isn't 200 and a refused connection come as errors of no kind of their own.
  return !(error instanceof errors.JOSEError) || error.code === "ERR_JOSE_GENERIC";
}

function principalOf({ jti, sub, name, role, exp }: JWTPayload): Principal | undefined {
  if (!isRole(role) || exp === undefined || exp > LATEST_EXPIRY_S) return undefined;
  const who = [name, sub].map(shown).find((claim) => claim !== "");
  const tokenId: unknown = jti ?? sub;
  if (who === undefined || typeof tokenId !== "string" || tokenId === "") return undefined;
  return { tokenId, name: who, role, expiresAt: exp * 1000 };
}

/** An identity provider lets people choose their names; a control character would break a log's line, and the database refuses NUL. */
function shown(claim: unknown): string {
  if (typeof claim !== "string") return "";
  return [...claim.toWellFormed().replace(/\p{Cc}/gu, "")].slice(0, LONGEST_NAME).join("");
}
