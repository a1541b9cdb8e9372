import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createAuthenticate } from "../../../src/gateway/access/authenticate.ts";

const secret = Buffer.from("a secret of at least 32 characters");
const claims = { jti: "t-1", sub: "anna", role: "viewer" };

/** Good from now on for a minute. */
function sign(more: Record<string, unknown> = {}, alg = "HS256"): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...claims, exp: seconds + 60, ...more }).setProtectedHeader({ alg }).sign(secret);
}

describe("a token", () => {
  it("speaks for whom it names, until it has expired", async () => {
    let now = Date.now();
    const trust = { kind: "secret", secret } as const;
    const authenticate = createAuthenticate({ trust, isRevoked: () => false, now: () => now });
    const token = await sign({ name: "Anna" });
    const principal = await authenticate(token);
    expect(principal).toMatchObject({ tokenId: "t-1", name: "Anna", role: "viewer" });
    now = principal!.expiresAt - 1;
    expect(await authenticate(token)).toEqual(principal);
    now++;
    expect(await authenticate(token)).toBeUndefined();
  });

  it("has a name that a log, a page and the database can take", async () => {
    const authenticate = createAuthenticate({ trust: { kind: "secret", secret }, isRevoked: () => false });
    const token = await sign({ name: `A\0n\u001b[31mna\n${"x".repeat(55)}😀😀` });
    expect((await authenticate(token))!.name).toBe(`An[31mna${"x".repeat(55)}😀`);
  });

  it("is refused from the moment that it is revoked, also when it was taken before", async () => {
    const revoked = new Set<string>();
    const trust = { kind: "secret", secret } as const;
    const authenticate = createAuthenticate({ trust, isRevoked: (id) => revoked.has(id) });
    const token = await sign();
    expect(await authenticate(token)).toMatchObject({ name: "anna" });
    revoked.add("t-1");
    expect(await authenticate(token)).toBeUndefined();
  });

  it("is none without a role of ours, an expiry, a subject, or with another secret or algorithm", async () => {
    const trust = { kind: "secret", secret } as const;
    const authenticate = createAuthenticate({ trust, isRevoked: () => false });
    const bad = [
      await sign({ role: "root" }),
      await sign({ role: ["admin"] }),
      await sign({ exp: undefined }),
      await sign({ exp: 1 }),
      await sign({ nbf: Math.floor(Date.now() / 1000) + 600 }),
      await sign({ sub: undefined, jti: undefined }),
      await sign({ jti: { a: 1 } }),
      await sign({ exp: 1e300 }),
      await sign({ name: "\0", sub: "\u001b" }),
      await sign({}, "HS512").catch(() => ""),
      "",
      "a.b.c",
      "x".repeat(10_000),
    ];
    for (const token of bad) expect(await authenticate(token)).toBeUndefined();
    const another = createAuthenticate({
      trust: { kind: "secret", secret: Buffer.from("another secret of 32 characters or more") },
      isRevoked: () => false,
    });
    expect(await another(await sign())).toBeUndefined();
  });
});
