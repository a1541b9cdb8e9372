import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import { ROLES } from "../../src/gateway/access/principal.ts";
import { createFuzz, type FuzzRequest, type OpenApi } from "../support/fuzz-requests.ts";
import { startGateway } from "../support/gateway.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed } from "../support/test-bed.ts";

const REQUESTS = 10_000;
const AT_ONCE = 16;
const GARBAGE = 200;
/** What pools, caches and room for young objects come to: about 160 MB, after 10,000 requests as after 20,000. */
const MOST_GROWTH_BYTES = 220 * 1024 * 1024;

/** With little room for what stays, a leak of a few kilobytes a request ends the gateway. */
const LIMITS = { GATEWAY_RATE_LIMIT: "1000000", NODE_OPTIONS: "--max-old-space-size=96" };

test("10,000 requests made from the gateway's own document and at random end without a fault of ours", async () => {
  const bed = await createTestBed();
  const scorer = bed.startScorer();
  const [gateway] = await Promise.all([startGateway(bed, LIMITS), scorer.ready()]);
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as OpenApi;
  const random = randomFrom(inject("seed"));
  const next = createFuzz(document, random, ["/v1/drift/compare"]);
  const tokens = await Promise.all(ROLES.map((role) => gateway.token(role)));
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  onTestFinished(() => agent.destroy());

  const faults: unknown[] = [];
  const statuses = new Map<number, number>();
  let left = REQUESTS;
  async function ask(): Promise<void> {
    const made = next();
    // Mostly with the token of somebody who may.
    const { token } = random.next() < 0.8 ? tokens[3]! : random.pick(tokens);
    const { status, type } = await send(gateway.url, made, token, agent);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const isProblem = status < 400 || made.method === "HEAD" || type.startsWith("application/problem+json");
    if (status >= 500 || !isProblem) faults.push({ status, type, ...made, body: made.body?.toString() });
  }
  async function askOn(): Promise<void> {
    while (left-- > 0) await ask();
  }
  // What is loaded and compiled at first isn't growth.
  for (let n = 0; n < 500; n++) await ask();
  const before = await residentBytes(gateway.process);
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));

  expect(faults).toEqual([]);
  // Not all of it is refused at the door.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 202, 400, 403, 404, 409, 422]));
  await Promise.all(Array.from({ length: GARBAGE }, () => sendGarbage(gateway.url, random.next())));
  expect(gateway.process.hasEnded()).toBe(false);
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  expect(gateway.process.log()).not.toContain("a request failed");
  expect((await residentBytes(gateway.process)) - before).toBeLessThan(MOST_GROWTH_BYTES);
}, 300_000);

type Answer = { readonly status: number; readonly type: string };

function send(
  url: string,
  { method, path, contentType, body }: FuzzRequest,
  token: string,
  agent: Agent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(contentType !== undefined && { "content-type": contentType }),
      // Where a method commonly has no body, Node would send one that nobody can tell from the next request.
      ...(body !== undefined && { "content-length": body.length }),
    };
    const onAnswer = (answer: IncomingMessage) => {
      answer.resume();
      answer.once("error", reject);
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "" }));
    };
    const { hostname, port } = new URL(url);
    const sent = httpRequest({ hostname, port, method, path, headers, agent }, onAnswer);
    sent.once("error", reject);
    sent.end(body);
  });
}

/** Bytes that are no HTTP, or the beginning of some. */
async function sendGarbage(url: string, choice: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => {});
  const garbage = [
    "GET / HTTP/9.9\r\n\r\n",
    "\0\x01\x02",
    `GET /${"x".repeat(40_000)} HTTP/1.1\r\n\r\n`,
    "POST /v1/applications?channel=web HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{",
    "POST /v1/applications HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
  ];
  socket.write(garbage[Math.floor(choice * garbage.length)]!);
  await sleep(50);
  socket.destroy();
}

async function residentBytes(process: { metrics(): Promise<string> }): Promise<number> {
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(await process.metrics())?.[1]);
}
