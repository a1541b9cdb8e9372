import type { TokenTrust } from "../gateway/access/authenticate.ts";
import { secretOf } from "../gateway/access/secret-file.ts";
import { UsageError } from "../platform/errors.ts";
import type { Environment } from "./environment.ts";

/**
 * Whose tokens are taken: an identity provider's, or those made with the secret that is set or is kept in the home.
 * @throws UsageError when the environment says two things at once, or half of one.
 */
export async function tokenTrust(environment: Environment): Promise<TokenTrust> {
  const {
    GATEWAY_JWT_SECRET: secret,
    GATEWAY_JWKS_URL: url,
    GATEWAY_JWT_ISSUER: issuer,
    GATEWAY_JWT_AUDIENCE: audience,
  } = environment;
  if (url === undefined) {
    return {
      kind: "secret",
      secret: secret === undefined ? await secretOf(environment.PLUMBLINE_HOME) : Buffer.from(secret),
    };
  }
  if (secret !== undefined) {
    throw new UsageError(
      "GATEWAY_JWT_SECRET and GATEWAY_JWKS_URL are both set; tokens are of one or the other. Unset one.",
    );
  }
  if (issuer === undefined || audience === undefined) {
    throw new UsageError(
      "GATEWAY_JWKS_URL needs GATEWAY_JWT_ISSUER and GATEWAY_JWT_AUDIENCE: whose tokens, made for whom.",
    );
  }
  return { kind: "jwks", url, issuer, audience };
}

/**
 * The secret that tokens are made with.
 * @throws UsageError where an identity provider makes them.
 */
export async function signingSecret(environment: Environment): Promise<Uint8Array> {
  const trust = await tokenTrust(environment);
  if (trust.kind === "secret") return trust.secret;
  throw new UsageError("GATEWAY_JWKS_URL is set: tokens are made by the identity provider, not here.");
}
