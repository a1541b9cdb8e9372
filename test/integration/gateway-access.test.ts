import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { mayPass, ROLES, type Role } from "../../src/gateway/access/principal.ts";
import { revokedTokens } from "../../src/gateway/access/tokens.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { runCommand } from "../support/ingest-command.ts";
import { problemOf } from "../support/problem.ts";
import { createTestBed } from "../support/test-bed.ts";

test("probes, metrics and documentation are for anyone, with security headers and no foreign origin", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed, { GATEWAY_ORIGINS: "https://console.example.com" });
  for (const path of ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs/"]) {
    const response = await fetch(`${gateway.url}${path}`, { headers: { origin: "https://elsewhere.example.com" } });
    expect({ path, status: response.status }).toEqual({ path, status: 200 });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  }
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { openapi: string };
  expect(document.openapi).toBe("3.1.0");

  const preflight = await fetch(`${gateway.url}/v1/applications`, {
    method: "OPTIONS",
    headers: { origin: "https://console.example.com", "access-control-request-method": "POST" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("https://console.example.com");
  expect(preflight.headers.get("access-control-allow-headers")).toContain("Authorization");

  const nothing = await fetch(`${gateway.url}/v1/nothing?secret=1`);
  expect(nothing.status).toBe(404);
  expect(await problemOf(nothing)).toMatchObject({ title: "Not found", instance: "/v1/nothing" });
});

test("a token opens what its role may, is refused when it has expired or within two seconds of being revoked", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed);
  const operations = await operationsOf(gateway);
  expect(operations.length).toBeGreaterThan(2);
  for (const { method, path, roles } of operations) {
    const nobody = await fetch(`${gateway.url}${path}`, { method });
    expect({ path, status: nobody.status }).toEqual({ path, status: 401 });
    expect(nobody.headers.get("www-authenticate")).toContain("Bearer");
    await problemOf(nobody);
    for (const role of ROLES.filter((one) => !mayPass(one, roles))) {
      const other = await gateway.ask(role, path, { method });
      expect({ method, path, role, status: other.status }).toEqual({ method, path, role, status: 403 });
      expect((await problemOf(other)).detail).toContain(roles.join(" or "));
    }
  }

  const validate = `${gateway.url}/v1/applications/validate`;
  const statusWith = async (authorization: string) => {
    const headers = { authorization, "content-type": "application/json" };
    return (await fetch(validate, { method: "POST", body: "{}", headers })).status;
  };
  const { id, token } = await gateway.token("publisher");
  // 422: the token is good, the application isn't.
  expect(await statusWith(`Bearer ${token}`)).toBe(422);
  const [header, payload, signature] = token.split(".") as [string, string, string];
  const promoted = Buffer.from(payload, "base64url").toString().replace("publisher", "admin");
  const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
  for (const forged of [
    token.slice(0, -2),
    `${header}.${Buffer.from(promoted).toString("base64url")}.${signature}`,
    `${unsigned}.${payload}.`,
    `${unsigned}.${payload}.${signature}`,
    "x".repeat(9_000),
    "é",
  ]) {
    expect(await statusWith(`Bearer ${encodeURI(forged)}`)).toBe(401);
  }
  expect(await statusWith(token)).toBe(401);
  expect(await statusWith(`Basic ${token}`)).toBe(401);

  const short = await gateway.token("publisher", 1_000);
  expect(await statusWith(`Bearer ${short.token}`)).toBe(422);
  await eventually("it has expired", async () => (await statusWith(`Bearer ${short.token}`)) === 401, {
    withinMs: 3_000,
  });

  const revoked = await runCommand(["token", "revoke", id], bed.environment);
  expect(revoked).toMatchObject({ code: 0, stdout: `${id} (a publisher, publisher) is revoked\n` });
  await eventually("it is refused", async () => (await statusWith(`Bearer ${token}`)) === 401, { withinMs: 2_000 });
});

test("the token command makes, lists and revokes tokens, and each change is audited", async () => {
  const bed = await createTestBed();
  // Nothing is set: both use the secret of the home.
  const environment = { ...bed.environment, GATEWAY_JWT_SECRET: "" };
  const command = (...args: string[]) => runCommand(["token", ...args], environment);
  const gateway = await startGateway(bed, { GATEWAY_JWT_SECRET: "" });
  const made = await command("create", "--name", "Upstream", "--role", "publisher", "--expires", "2h");
  expect(made).toMatchObject({ code: 0 });
  expect(made.stderr).toMatch(/^token \S+ for Upstream, publisher, until \S+; it is shown this once\n$/);
  const answer = await fetch(`${gateway.url}/v1/applications/validate`, {
    method: "POST",
    body: "{}",
    headers: { authorization: `Bearer ${made.stdout.trim()}`, "content-type": "application/json" },
  });
  expect(answer.status).toBe(422);
  expect((await stat(join(bed.home, "gateway-secret"))).mode & 0o777).toBe(0o600);

  const listed = JSON.parse((await command("list", "--json")).stdout) as { id: string; name: string }[];
  expect(listed).toMatchObject([{ name: "Upstream", role: "publisher", revoked_at: null }]);
  expect((await command("list")).stdout).toMatch(/^\S+ {2}publisher {2}until \S+ {2}Upstream\n$/);
  await command("revoke", listed[0]!.id);
  expect((await command("list")).stdout).toContain("revoked");
  const { rows } = await bed.database.query("select name, token_id, action, subject, result from plumbline.audit");
  expect(rows).toEqual(
    ["token.create", "token.revoke"].map((action) => ({
      name: "command line",
      token_id: null,
      action,
      subject: listed[0]!.id,
      result: "done",
    })),
  );

  expect(await command("revoke", "nothing")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is no token"),
  });
  for (const wrong of [
    ["create"],
    ["create", "--name", "x", "--role", "king"],
    ["create", "--name", "", "--role", "viewer"],
    ["create", "--name", "x", "--role", "viewer", "--expires", "soon"],
  ]) {
    expect(await command(...wrong)).toMatchObject({ code: 2, stdout: "" });
  }
});

test("a revoked token stays so until it has expired by any clock, and nothing is done to a token without an entry", async () => {
  const bed = await createTestBed();
  const environment = { ...bed.environment, GATEWAY_JWT_SECRET: "" };
  await bed.database.query(`insert into plumbline.tokens (id, name, role, expires_at, revoked_at)
    values ('just', 'x', 'viewer', now() - interval '1 hour', now()), ('long ago', 'x', 'viewer', now() - interval '1 week', now())`);
  expect(await revokedTokens(bed.database)).toEqual(new Set(["just"]));

  await bed.database.query("alter table plumbline.audit rename to elsewhere");
  const made = await runCommand(["token", "create", "--name", "x", "--role", "viewer"], environment);
  expect(made).toMatchObject({ code: 1, stdout: "" });
  await bed.database.query("update plumbline.tokens set revoked_at = null");
  await runCommand(["token", "revoke", "just"], environment);
  const { rows } = await bed.database.query("select id, revoked_at from plumbline.tokens order by id");
  expect(rows).toEqual(["just", "long ago"].map((id) => ({ id, revoked_at: null })));
});

test("tokens of an identity provider are taken when they are for us, and no others", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const stranger = await generateKeyPair("ES256");
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" }] });
  let isAway = true;
  const provider = createServer((_, response) => {
    response.statusCode = isAway ? 503 : 200;
    response.setHeader("content-type", "application/json").end(isAway ? "{}" : keys);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void provider.close());
  await once(provider, "listening");
  const { port } = provider.address() as AddressInfo;
  const [issuer, audience] = ["https://login.example.com", "plumbline"];

  const bed = await createTestBed();
  const gateway = await startGateway(bed, {
    GATEWAY_JWT_SECRET: "",
    GATEWAY_JWKS_URL: `http://127.0.0.1:${port}/keys`,
    GATEWAY_JWT_ISSUER: issuer,
    GATEWAY_JWT_AUDIENCE: audience,
  });
  const sign = (claims: Record<string, unknown>, key = privateKey, alg = "ES256") =>
    new SignJWT({ iss: issuer, aud: audience, sub: "anna", role: "publisher", ...claims })
      .setProtectedHeader({ alg, kid: "k1" })
      .setExpirationTime("1h")
      .sign(key);
  const ask = async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(`${gateway.url}/v1/applications/validate`, { method: "POST", body: "{}", headers });
  };
  const good = await sign({});
  const away = await ask(good);
  expect(away.status).toBe(503);
  expect(away.headers.get("retry-after")).toBe("5");
  isAway = false;
  expect((await ask(good)).status).toBe(422);
  expect((await ask(await sign({ role: "viewer" }))).status).toBe(403);
  const bad = [
    await sign({ iss: "https://elsewhere.example.com" }),
    await sign({ aud: "another" }),
    await sign({ role: "root" }),
    await sign({ role: undefined }),
    await sign({ sub: undefined }),
    await sign({}, stranger.privateKey),
    // The public key as if it were a shared secret.
    await new SignJWT({ iss: issuer, aud: audience, sub: "anna", role: "admin" })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setExpirationTime("1h")
      .sign(Buffer.from(keys)),
  ];
  for (const token of bad) expect((await ask(token)).status).toBe(401);

  const refused = await runCommand(["token", "create", "--name", "x", "--role", "viewer"], {
    ...bed.environment,
    GATEWAY_JWKS_URL: "https://login.example.com/keys",
    GATEWAY_JWT_ISSUER: issuer,
    GATEWAY_JWT_AUDIENCE: audience,
  });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("made by the identity provider") });
});

test("requests are limited per token and second, counted per minute, and measured", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed, { GATEWAY_RATE_LIMIT: "20" });
  const ask = (role: Role) => gateway.post(role, "/v1/applications/validate", {});
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask("publisher")));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThanOrEqual(20);
  expect(limited[0]!.headers.get("retry-after")).toBe("1");
  expect((await problemOf(limited[0]!)).title).toBe("Too many requests");
  // Another token has a limit of its own.
  expect((await ask("admin")).status).toBe(422);
  const strangers = await Promise.all(Array.from({ length: 300 }, () => fetch(`${gateway.url}/v1/none`)));
  expect(new Set(strangers.map(({ status }) => status))).toEqual(new Set([404, 429]));

  const metrics = await gateway.process.metrics();
  expect(metrics).toMatch(
    /plumbline_http_requests_total\{route="\/v1\/applications\/validate",method="POST",code="429"\} \d/,
  );
  expect(metrics).toMatch(/plumbline_http_request_seconds_count\{route="",method="GET",code="404"\} \d/);
  await gateway.process.stop();
  const { rows } = await bed.database.query<{ token_name: string; status: number; requests: string }>(
    "select route, method, status, token_name, sum(requests) as requests from public.api_usage group by 1, 2, 3, 4 order by 4, 3",
  );
  const validate = { route: "/v1/applications/validate", method: "POST" };
  expect(rows).toEqual([
    { ...validate, token_name: "a admin", status: 422, requests: "1" },
    { ...validate, token_name: "a publisher", status: 422, requests: String(60 - limited.length) },
    { ...validate, token_name: "a publisher", status: 429, requests: String(limited.length) },
  ]);
});

test("a gateway that can't listen, or is told two things at once, says so and ends", async () => {
  const bed = await createTestBed();
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const taken = await runCommand(["gateway"], { ...bed.environment, PLUMBLINE_PORT: String(port) });
  expect(taken.code).toBe(1);
  expect(taken.stderr).toContain(
    `plumbline: cannot listen on port ${port} of 127.0.0.1: it is in use by another program.`,
  );

  const wrong: [Record<string, string>, string][] = [
    [{ GATEWAY_JWT_SECRET: "short" }, "GATEWAY_JWT_SECRET must be at least 32 characters"],
    [{ GATEWAY_JWKS_URL: "https://a.example.com" }, "GATEWAY_JWKS_URL needs GATEWAY_JWT_ISSUER"],
    [{ GATEWAY_JWKS_URL: "https://a.example.com", GATEWAY_JWT_SECRET: "x".repeat(32) }, "are both set"],
    [{ GATEWAY_ORIGINS: "https://a.example.com/path" }, "GATEWAY_ORIGINS must be origins such as"],
  ];
  for (const [environment, said] of wrong) {
    const { code, stderr } = await runCommand(["gateway"], { ...bed.environment, ...environment });
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  }
});

type Operation = { readonly method: string; readonly path: string; readonly roles: readonly Role[] };

/** Every operation that isn't for anyone, by the gateway's own document, with something in the place of parameters. */
async function operationsOf({ url }: { readonly url: string }): Promise<Operation[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { readonly "x-roles"?: readonly Role[] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { "x-roles": roles }]) =>
      roles === undefined
        ? []
        : { method: method.toUpperCase(), path: path.replaceAll(/\{[^}]+\}/g, "applications-1"), roles },
    ),
  );
}
