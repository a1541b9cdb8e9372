import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Role } from "../../src/gateway/access/principal.ts";
import { createToken } from "../../src/gateway/access/tokens.ts";
import { eventually } from "./eventually.ts";
import type { ScorerProcess } from "./scorer-process.ts";
import type { TestBed } from "./test-bed.ts";

const SECRET = "a secret of the tests, as long as it must be";

export type TestGateway = {
  readonly process: ScorerProcess;
  /** Where it serves, such as http://127.0.0.1:1234. */
  readonly url: string;
  /** That its tokens are signed with, for another gateway that takes them. */
  readonly secret: string;
  /** A new token, as `plumbline token create` makes it. */
  token(role: Role, lifetimeMs?: number): Promise<{ readonly id: string; readonly token: string }>;
  /** Asks with a token of the role, the same one each time. */
  ask(role: Role, path: string, init?: RequestInit): Promise<Response>;
  /** The same, with the body as JSON. */
  post(role: Role, path: string, body: unknown): Promise<Response>;
};

/** Starts a gateway against the bed, with more environment, and waits until it is ready. */
export async function startGateway(
  bed: TestBed,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const process = bed.startGateway({ GATEWAY_JWT_SECRET: SECRET, ...environment });
  await process.ready();
  const announcement = join(bed.home, "run", `gateway-${process.pid}.json`);
  const serves = async () => (JSON.parse(await readFile(announcement, "utf8")) as { serves?: string }).serves ?? false;
  const url = await eventually("the gateway says where it serves", serves, { withinMs: 5_000 });
  const tokens = new Map<Role, Promise<{ readonly token: string }>>();

  const makeToken: TestGateway["token"] = (role, lifetimeMs = 3_600_000) =>
    createToken(bed.database, Buffer.from(SECRET), { name: `a ${role}`, role, lifetimeMs });
  const ask: TestGateway["ask"] = async (role, path, init = {}) => {
    const made = tokens.get(role) ?? makeToken(role);
    tokens.set(role, made);
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${(await made).token}`);
    return fetch(`${url}${path}`, { ...init, headers });
  };
  return {
    process,
    url,
    secret: SECRET,
    token: makeToken,
    ask,
    post: (role, path, body) =>
      ask(role, path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
  };
}
