import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { Registry } from "prom-client";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Use } from "../../../src/gateway/access/api-usage.ts";
import type { Principal, Role } from "../../../src/gateway/access/principal.ts";
import { createGateway } from "../../../src/gateway/server.ts";
import { createLogger } from "../../../src/platform/log.ts";

const SECRET = "a value that nobody may see";

async function gatewayWith(readiness: Record<string, boolean> = {}, trustedProxies: readonly string[] = []) {
  const uses: Use[] = [];
  const gateway = await createGateway({
    authenticate: async (token): Promise<Principal> => ({
      tokenId: token,
      name: token,
      role: token as Role,
      expiresAt: Number.POSITIVE_INFINITY,
    }),
    origins: [],
    trustedProxies,
    rateLimit: 3,
    registry: new Registry(),
    readiness: () => readiness,
    onUse: (use) => uses.push(use),
    version: "1",
    log: createLogger("silent", "test"),
  });
  return { gateway, uses };
}

const as = (role: Role) => ({ authorization: `Bearer ${role}` });

describe("a gateway", () => {
  it("takes no route that doesn't say whom it is for", async () => {
    const { gateway } = await gatewayWith();
    expect(() => gateway.get("/v1/open", async () => ({}))).toThrow("GET /v1/open doesn't say whom it is for");
  });

  it("answers those who offer HTTP/2 as if they hadn't, and upgrades to WebSockets only", async () => {
    const { gateway } = await gatewayWith();
    gateway.post("/v1/echo", { config: { role: "viewer" } }, async ({ body }) => body);
    gateway.server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 426 Upgraded\r\n\r\n"));
    onTestFinished(() => gateway.close());
    await gateway.listen({ host: "127.0.0.1", port: 0 });
    const { port } = gateway.server.address() as AddressInfo;
    const ask = async (upgrade: string) => {
      const socket = connect(port, "127.0.0.1");
      const head = ["POST /v1/echo HTTP/1.1", "Host: x", "Connection: Upgrade, HTTP2-Settings", `Upgrade: ${upgrade}`];
      const more = ["HTTP2-Settings: AAMAAABk", "Authorization: Bearer viewer", "Content-Type: application/json"];
      socket.write([...head, ...more, "Content-Length: 7", "", '{"a":1}'].join("\r\n"));
      const [answer] = await once(socket, "data");
      socket.destroy();
      return String(answer);
    };
    // As curl --http2 and Java's client do by themselves.
    expect(await ask("h2c")).toMatch(/^HTTP\/1.1 200 OK\r\n.*\{"a":1\}$/s);
    expect(await ask("WebSocket")).toMatch(/^HTTP\/1.1 426/);
  });

  it("tells nobody what went wrong inside", async () => {
    const { gateway, uses } = await gatewayWith();
    gateway.get("/v1/broken", { config: { role: "viewer" } }, async () => {
      throw new Error(SECRET);
    });
    const { statusCode, body, headers } = await gateway.inject({
      url: `/v1/broken?x=${SECRET}`,
      headers: as("viewer"),
    });
    expect(statusCode).toBe(500);
    expect(headers["content-type"]).toContain("application/problem+json");
    expect(body).not.toContain(SECRET);
    expect(JSON.parse(body)).toMatchObject({ title: "Internal error", instance: "/v1/broken" });
    expect(uses).toMatchObject([{ route: "/v1/broken", method: "GET", status: 500, tokenName: "viewer" }]);
  });

  it("reads no body of those who may not send one", async () => {
    const { gateway } = await gatewayWith();
    let parsed = 0;
    gateway.addContentTypeParser("a/b", { parseAs: "string" }, (_, body, done) => {
      parsed++;
      done(null, body);
    });
    gateway.post("/v1/change", { config: { role: "admin" } }, async () => ({}));
    const post = (headers: Record<string, string>) =>
      gateway.inject({
        method: "POST",
        url: "/v1/change",
        payload: "x",
        headers: { "content-type": "a/b", ...headers },
      });
    expect((await post({})).statusCode).toBe(401);
    expect((await post(as("reviewer"))).statusCode).toBe(403);
    expect(parsed).toBe(0);
    expect((await post(as("admin"))).statusCode).toBe(200);
    expect(parsed).toBe(1);
  });

  it("coerces nothing, fills nothing in, drops nothing, and tells all faults", async () => {
    const { gateway } = await gatewayWith();
    const schema = {
      type: "object",
      required: ["a"],
      additionalProperties: false,
      properties: { a: { type: "number" }, b: { type: "boolean", default: true } },
    };
    gateway.post("/v1/echo", { config: { role: "anyone" }, schema: { body: schema } }, async ({ body }) => body);
    const post = (payload: object) => gateway.inject({ method: "POST", url: "/v1/echo", payload });
    expect((await post({ a: 1 })).json()).toEqual({ a: 1 });
    const { errors } = (await post({ a: "1", b: "true", [SECRET]: 1 })).json();
    expect(errors).toEqual([
      { field: "body", detail: "has a field that isn't known here" },
      { field: "a", detail: "must be number" },
      { field: "b", detail: "must be boolean" },
    ]);
  });

  it("says what it waits for, limits each token, and refuses NUL", async () => {
    const { gateway } = await gatewayWith({ nats: true, postgres: false });
    gateway.get("/v1/free", { config: { role: "viewer" } }, async () => ({}));
    const ready = await gateway.inject("/readyz");
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({ status: "not ready", checks: { nats: true, postgres: false } });
    const ask = async (role: Role) => (await gateway.inject({ url: "/v1/free", headers: as(role) })).statusCode;
    const statuses = [await ask("viewer"), await ask("viewer"), await ask("viewer"), await ask("viewer")];
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(await ask("admin")).toBe(200);
    expect((await gateway.inject("/v1/%00")).statusCode).toBe(400);
    expect((await gateway.inject("/%zz")).statusCode).toBe(400);
  });

  it("takes a reverse proxy's word for an address, and nobody else's", async () => {
    const { gateway } = await gatewayWith({}, ["10.1.0.0/16"]);
    gateway.get("/v1/who", { config: { role: "anyone" } }, async ({ ip }) => ({ ip }));
    const askedBy = async (remoteAddress: string, forwarded: string) => {
      const headers = { "x-forwarded-for": forwarded };
      return (await gateway.inject({ url: "/v1/who", remoteAddress, headers })).json().ip;
    };
    expect(await askedBy("10.1.2.3", "203.0.113.9")).toBe("203.0.113.9");
    // What whoever asked has put before what the proxy says.
    expect(await askedBy("10.1.2.3", "198.51.100.1, 203.0.113.9")).toBe("203.0.113.9");
    expect(await askedBy("192.0.2.7", "203.0.113.9")).toBe("192.0.2.7");
    const { gateway: alone } = await gatewayWith();
    alone.get("/v1/who", { config: { role: "anyone" } }, async ({ ip }) => ({ ip }));
    const { ip } = (await alone.inject({ url: "/v1/who", headers: { "x-forwarded-for": "203.0.113.9" } })).json();
    expect(ip).toBe("127.0.0.1");
  });

  it("limits each address behind a proxy by itself", async () => {
    const { gateway } = await gatewayWith({}, ["127.0.0.1"]);
    const ask = async (forwarded: string) =>
      (await gateway.inject({ url: "/livez", headers: { "x-forwarded-for": forwarded } })).statusCode;
    let asked = 0;
    while ((await ask("203.0.113.9")) === 200) asked++;
    expect(asked).toBeGreaterThanOrEqual(200);
    expect(await ask("203.0.113.10")).toBe(200);
  });
});
