import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import { expect, onTestFinished, test } from "vitest";
import { MOST_PROCESSES, watchHeartbeats } from "../../src/platform/heartbeats.ts";
import { eventually } from "../support/eventually.ts";
import { startTestBroker } from "../support/test-broker.ts";

async function watchedBroker(now: () => number) {
  const home = await mkdtemp(join(tmpdir(), "plumbline-heartbeats-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const broker = await startTestBroker(home);
  onTestFinished(broker.stop);
  const nc = await connect({ servers: broker.url });
  onTestFinished(() => nc.close());
  const watch = watchHeartbeats(nc, now);
  onTestFinished(watch.stop);
  await nc.flush();
  const beat = (subject: string, role: string, instance: string, more = {}) => {
    const figures = { cpuCores: 0, memoryBytes: 1, eventLoopLagSeconds: 0 };
    nc.publish(`plumbline.heartbeats.${subject}`, JSON.stringify({ role, instance, ready: true, ...figures, ...more }));
  };
  const shown = () => watch.roles().map(({ role, instances }) => [role, instances]);
  return { nc, beat, shown };
}

test("heartbeats under made-up names cost no more than a known number, and keep a role out only while they last", async () => {
  let now = Date.now();
  const { nc, beat, shown } = await watchedBroker(() => now);
  beat("drift", "drift", "a:1");
  for (let n = 0; n < 1_500; n++) beat("scorer", "scorer", `made-up:${n}`);
  for (let n = 0; n < 1_500; n++) beat(`role-${n}`, `role-${n}`, "x:1", { stopping: true });
  beat("gateway", "gateway", "b:1");
  await nc.flush();
  expect(shown()).toEqual([
    ["drift", 1],
    ["scorer", MOST_PROCESSES - 1],
  ]);

  now += 10_000;
  beat("gateway", "gateway", "b:1");
  await eventually("the gateway is heard", () => shown().some(([role]) => role === "gateway"), { withinMs: 5_000 });
  expect(shown()).toEqual([
    ["drift", 0],
    ["gateway", 1],
    ["scorer", 0],
  ]);
});

test("a role is heard on its own subject, to which the broker may admit it alone", async () => {
  const { nc, beat, shown } = await watchedBroker(Date.now);
  beat("scorer", "gateway", "a:1");
  beat("scorer", "scorer", "a:2");
  await nc.flush();
  await eventually("the scorer is heard", () => shown().length > 0, { withinMs: 5_000 });
  expect(shown()).toEqual([["scorer", 1]]);
});
