import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { ROOT, readEnvironment, streamLimits } from "../../src/app/environment.ts";
import { runRole } from "../../src/app/role.ts";
import { scorerConsumer, streamDeclarations } from "../../src/contracts/streams.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { policyInForce, registerModel } from "../../src/models/registry.ts";
import { openSession } from "../../src/models/session.ts";
import { OperatorError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/log.ts";
import { connectNats } from "../../src/platform/nats.ts";
import { ensureConsumer, ensureStream } from "../../src/platform/topology.ts";
import { createScorerMetrics } from "../../src/scorer/metrics.ts";
import { startScorer } from "../../src/scorer/scorer.ts";
import { makeApplication } from "../support/applications.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const log = createLogger("silent", "test");
const ACK_WAIT_MS = 300;

async function deciderFor({ database }: TestBed) {
  const bundle = await readBundle(`${ROOT}models/lendingclub`);
  const { manifest, typicalValues, modelFile } = bundle;
  const modelId = await registerModel(database, bundle);
  const policy = await policyInForce(database, manifest.name);
  return { modelId, manifest, typicalValues, policy: () => policy, session: await openSession(modelFile, manifest) };
}

describe("a connection to the broker that is closed for good", () => {
  it("fails the batch in hand and nothing else: the scorer can still be stopped in good order", async () => {
    const bed = await createTestBed();
    for (const stream of Object.values(streamDeclarations(streamLimits(readEnvironment())))) {
      await ensureStream(bed.jsm, stream);
    }
    const consumer = scorerConsumer(ACK_WAIT_MS);
    await ensureConsumer(bed.jsm, consumer);
    const decider = await deciderFor(bed);
    const nc = await connectNats({ url: bed.broker.url, name: "test", log });
    const published = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { name, version, onnx } = decider.manifest;
    const scorer = startScorer({
      ...{ nc, decider, observed: undefined, consumer, log, database: bed.database, ackWaitMs: ACK_WAIT_MS },
      ...{ batchSize: 4, batchesInFlight: 1 },
      metrics: createScorerMetrics(new Registry(), { name, version, sha256: onnx.sha256 }, []),
      onDatabaseError: () => {},
      onBoundary: async (boundary) => {
        if (boundary !== "after_publish") return;
        published.resolve();
        await goOn.promise;
      },
    });
    const application = (id: string) => JSON.stringify(makeApplication(id, randomFrom(1)));
    for (const id of ["A", "B", "C", "D", "E", "F"]) await bed.js.publish("applications.web", application(id));
    await published.promise;
    await nc.close();
    // Time for the messages in hand, and those that wait, to be kept alive once more.
    await sleep(ACK_WAIT_MS);
    goOn.resolve();
    await scorer.stop();
    await decider.session.release();
    // What was not acknowledged is still there for the next one.
    expect((await bed.jsm.streams.info("APPLICATIONS")).state.messages).toBe(6);
  });
});

describe("a role", () => {
  async function run(start: Parameters<typeof runRole>[0]["start"], signal = new AbortController().signal) {
    const bed = await createTestBed();
    const environment = {
      ...readEnvironment(),
      ...{ NATS_URL: bed.broker.url, DATABASE_URL: bed.databaseUrl, PLUMBLINE_HOME: bed.home },
      LOG_LEVEL: "silent" as const,
    };
    return runRole({ ...{ role: "tester", port: 0, environment, signal, databaseConnections: 1, awaits: [] }, start });
  }

  it("ends with a sentence when its connection to the broker is closed for good", async () => {
    const ended = run(async ({ nc }) => void setTimeout(() => nc.close(), 20));
    await expect(ended).rejects.toThrow(OperatorError);
    await expect(ended).rejects.toThrow(/^the connection to NATS is closed for good/);
  });

  it("that can't start says why, whatever goes wrong while it stops", async () => {
    const fault = new OperatorError("the bundle has no model");
    const ended = run(async ({ lifecycle }) => {
      lifecycle.onStop("clumsy", () => Promise.reject(new Error("stopping failed too")));
      throw fault;
    });
    await expect(ended).rejects.toBe(fault);
  });

  it("that was told to stop says what went wrong while it stopped", async () => {
    const stop = new AbortController();
    const ended = run(async ({ lifecycle }) => {
      lifecycle.onStop("clumsy", () => Promise.reject(new Error("no")));
      setTimeout(() => stop.abort(), 20);
    }, stop.signal);
    await expect(ended).rejects.toThrow("clumsy: no");
  });

  it("that is told to stop while it starts ends without a fault", async () => {
    const stop = new AbortController();
    await run(async ({ signal }) => {
      stop.abort(new Error("stopped"));
      signal.throwIfAborted();
    }, stop.signal);
  });
});
