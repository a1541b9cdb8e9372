import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEnvironment, streamLimits } from "../../src/app/environment.ts";
import { scorerConsumer, streamDeclarations } from "../../src/contracts/streams.ts";
import { createLogger } from "../../src/platform/log.ts";
import { connectNats } from "../../src/platform/nats.ts";
import { ensureConsumer, ensureStream } from "../../src/platform/topology.ts";
import { startTestBroker, type TestBroker } from "../support/test-broker.ts";

const ROLES = 4;
/** The moment at which it matters is short: without the second look, two runs of two failed within so many rounds. */
const ROUNDS = 250;
const log = createLogger("silent", "test");

let home: string;
let broker: TestBroker;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-together-"));
  broker = await startTestBroker(home);
});
afterAll(async () => {
  await broker.stop();
  await rm(home, { recursive: true });
});

test("roles that start at the same moment on an empty broker create its streams together", async () => {
  const connections = await Promise.all(
    Array.from({ length: ROLES }, (_, index) => connectNats({ url: broker.url, name: `role-${index}`, log })),
  );
  const managers = await Promise.all(connections.map((nc) => jetstreamManager(nc)));
  const streams = Object.values(streamDeclarations(streamLimits(readEnvironment())));
  const consumer = scorerConsumer(30_000);
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      managers.map(async (jsm) => {
        for (const stream of streams) await ensureStream(jsm, stream);
        await ensureConsumer(jsm, consumer);
      }),
    );
    const names = (await managers[0]!.streams.list().next()).map(({ config }) => config.name);
    expect(names.toSorted()).toEqual(streams.map(({ name }) => name).toSorted());
    for (const name of names) await managers[0]!.streams.delete(name);
  }
  await Promise.all(connections.map((nc) => nc.close()));
});
