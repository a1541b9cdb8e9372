import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { randomFrom } from "../support/seed.ts";
import { subscribe } from "../support/stream-client.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

const random = randomFrom(20_261_122);
let bed: TestBed;
let end: () => Promise<void>;

beforeAll(async () => {
  ({ bed, end } = await createSharedBed());
});
afterAll(() => end());

test("a gateway that stops answers what is sent until it has stopped listening, and what it took is in the stream", async () => {
  const gateway = await startGateway(bed);
  const client = await subscribe(gateway.url, (await gateway.token("viewer")).token, { from: "now" });
  // Doesn't answer the close frame, as a client that has gone to sleep.
  client.ws.pause();
  const outcomes = new Map<string, number>();
  let sent = 0;
  const senders = Array.from({ length: 10 }, async () => {
    for (;;) {
      const wait = sent % 2 === 0 ? "" : "&wait=20ms";
      const outcome = await gateway
        .post("publisher", `/v1/applications?channel=web${wait}`, makeApplication(`S-${sent++}`, random))
        .then(({ status }) => String(status), causeOf);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome !== "202") return;
    }
  });
  await eventually("it is busy", () => sent > 200, { withinMs: 10_000 });
  await gateway.process.stop();
  await Promise.all(senders);
  client.ws.terminate();
  const { "202": accepted, ECONNREFUSED: refused, ...others } = Object.fromEntries(outcomes);
  // A connection may be closed, idle or not yet accepted, at the very moment that something is sent on it; nothing of it is taken.
  const { UND_ERR_SOCKET: closed = 0, ECONNRESET: reset = 0, ...wrong } = others;
  expect(wrong).toEqual({});
  expect((refused ?? 0) + closed + reset).toBe(10);
  expect((await bed.jsm.streams.info("APPLICATIONS")).state.last_seq).toBe(accepted);
});

test("connections that were refused are ended by the gateway, and don't keep it from stopping", async () => {
  const gateway = await startGateway(bed);
  const upgrade = "GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  const sockets = [upgrade, "nonsense\r\n\r\n"].map((text) => halfOpen(gateway, text));
  for (const socket of sockets) {
    // What is sent to an end that is only half closed is taken in silence.
    const isGone = () => socket.errored !== null || !socket.write("more");
    await eventually("the gateway has ended it", isGone, { withinMs: 5_000 });
  }
  await gateway.process.stop();
});

test("a gateway stops soon and in good order while the broker is away", async () => {
  const gateway = await startGateway(bed);
  bed.broker.kill();
  await eventually("it has noticed", () => gateway.process.log().includes("NATS is away"), { withinMs: 10_000 });
  const from = performance.now();
  await gateway.process.stop();
  expect(performance.now() - from).toBeLessThan(4_000);
  await bed.broker.restart();
});

function causeOf(error: unknown): string {
  const { code } = (error as { cause?: { code?: string } }).cause ?? {};
  return code ?? String(error);
}

/** A connection whose own half stays open, whatever the other side does; what it is answered is read. */
function halfOpen({ url }: TestGateway, text: string): Socket {
  const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  socket.write(text);
  socket.resume();
  return socket;
}
