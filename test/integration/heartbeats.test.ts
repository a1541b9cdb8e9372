import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import { expect, onTestFinished, test } from "vitest";
import { MOST_INSTANCES, MOST_ROLES, watchHeartbeats } from "../../src/platform/heartbeats.ts";
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

test("processes under made-up names make room for those that come, and hide no other role", async () => {
  const { nc, beat, shown } = await watchedBroker(Date.now);
  beat("drift", "drift", "a:1");
  for (let n = 0; n < 1_500; n++) beat("scorer", "scorer", `made-up:${n}`);
  beat("scorer", "scorer", "b:1");
  beat("drift", "drift", "a:2");
  await nc.flush();
  await eventually("the last is heard", () => shown()[0]?.[1] === 2, { withinMs: 5_000 });
  expect(shown()).toEqual([
    ["drift", 2],
    ["scorer", MOST_INSTANCES],
  ]);
});

test.each([false, true])("roles under made-up names make room for those that come (stopping: %s)", async (stopping) => {
  const { nc, beat, shown } = await watchedBroker(Date.now);
  for (let n = 0; n < 1_500; n++) beat(`role-${n}`, `role-${n}`, "x:1", { stopping });
  beat("gateway", "gateway", "b:1");
  await nc.flush();
  await eventually("the gateway is heard", () => shown().some(([role]) => role === "gateway"), { withinMs: 5_000 });
  expect(shown()).toHaveLength(MOST_ROLES);
  expect(shown()[0]).toEqual(["gateway", 1]);
});

test("a process that is silent counts no more, and its role is forgotten after an hour", async () => {
  let now = Date.now();
  const { nc, beat, shown } = await watchedBroker(() => now);
  beat("drift", "drift", "a:1");
  await nc.flush();
  await eventually("it is heard", () => shown().length > 0, { withinMs: 5_000 });
  now += 10_000;
  expect(shown()).toEqual([["drift", 0]]);
  now += 3_600_000;
  expect(shown()).toEqual([]);
});

test("a role is heard on its own subject, to which the broker may admit it alone", async () => {
  const { nc, beat, shown } = await watchedBroker(Date.now);
  beat("scorer", "gateway", "a:1");
  beat("scorer", "scorer", "a:2");
  await nc.flush();
  await eventually("the scorer is heard", () => shown().length > 0, { withinMs: 5_000 });
  expect(shown()).toEqual([["scorer", 1]]);
});
