import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiscardPolicy, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { expect, onTestFinished, test } from "vitest";
import { startDemo } from "../../src/app/demo.ts";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { createLogger } from "../../src/platform/log.ts";
import { eventually } from "../support/eventually.ts";
import { startTestBroker } from "../support/test-broker.ts";

const STREAM = "APPLICATIONS";
const ROOM = 10;

test("the demo says that the stream is full, and leaves out no applicant once there is room", async () => {
  const home = await mkdtemp(join(tmpdir(), "plumbline-demo-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const broker = await startTestBroker(home);
  onTestFinished(broker.stop);
  const nc = await connect({ servers: broker.url });
  onTestFinished(() => nc.close());
  const jsm = await jetstreamManager(nc);
  const limits = { max_msgs: ROOM, discard: DiscardPolicy.New };
  const { config } = await jsm.streams.add({ name: STREAM, subjects: ["applications.>"], ...limits });

  const said: string[] = [];
  const demo = await startDemo(nc, (line) => said.push(line), createLogger("silent", "test"));
  await eventually("it says so", () => said.length > 0, { withinMs: 10_000 });
  expect(said).toEqual(["the demo waits: the broker takes no applications for now (maximum messages exceeded)"]);
  await jsm.streams.update(STREAM, { ...config, max_msgs: -1 });
  const messages = async () => (await jsm.streams.info(STREAM)).state.messages;
  await eventually("it goes on", async () => (await messages()) > ROOM * 5, { withinMs: 10_000 });
  await demo.stop();

  const count = await messages();
  const ids = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const message = await jsm.streams.getMessage(STREAM, { seq: index + 1 });
      return Number(message!.json<ApplicationEvent>().application_id.split("-").at(-1));
    }),
  );
  expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});
