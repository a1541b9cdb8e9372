import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiscardPolicy, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPublisher, type Publication, type Publisher } from "../../src/platform/publisher.ts";
import { eventually } from "../support/eventually.ts";
import { startTestBroker, type TestBroker } from "../support/test-broker.ts";

let home: string;
let broker: TestBroker;
let nc: NatsConnection;
let jsm: JetStreamManager;
let publisher: Publisher;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "plumbline-publisher-"));
  broker = await startTestBroker(home);
  nc = await connect({ servers: broker.url, maxReconnectAttempts: -1 });
  jsm = await jetstreamManager(nc);
});
afterAll(async () => {
  await nc.close();
  await broker.stop();
  await rm(home, { recursive: true });
});

beforeEach(async () => {
  await jsm.streams.add({
    name: "GUARDED",
    subjects: ["g.>"],
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
    max_bytes: 100_000,
  });
  publisher = createPublisher(nc, 1_000);
});
afterEach(async () => {
  publisher.close();
  await jsm.streams.delete("GUARDED");
});

const to = (subject: string, payload = "x"): Publication => ({ subject, payload });
const stored = (sequence: number, duplicate = false) => ({ kind: "stored", sequence, duplicate });
const TAKEN = { kind: "refused", code: 10077, description: "maximum messages per subject exceeded" };

function identified(subject: string, id: string): Publication {
  const withId = headers();
  withId.set("Nats-Msg-Id", id);
  return { subject, payload: Buffer.from("x"), headers: withId };
}

describe("a publisher", () => {
  it("gives one receipt for each publication, in their order", async () => {
    const publications = Array.from({ length: 1_000 }, (_, index) => to(`g.${index % 700}`, String(index)));
    const receipts = await publisher.publish(publications);
    expect(receipts.slice(0, 700)).toEqual(Array.from({ length: 700 }, (_, index) => stored(index + 1)));
    expect(receipts.slice(700)).toEqual(Array(300).fill(TAKEN));
    expect(await publisher.publish([])).toEqual([]);
  });

  it("keeps batches apart that are published at the same time", async () => {
    const batches = await Promise.all(
      Array.from({ length: 20 }, (_, batch) =>
        publisher.publish([to(`g.a${batch}`), to(`g.b${batch}`), to(`g.a${batch}`)]),
      ),
    );
    for (const receipts of batches) {
      expect(receipts.map(({ kind }) => kind)).toEqual(["stored", "stored", "refused"]);
    }
  });

  it("says of a repeated message id that it was stored, once", async () => {
    await jsm.streams.add({ name: "OPEN", subjects: ["o.>"] });
    const receipts = await publisher.publish([identified("o.1", "A"), identified("o.1", "A"), identified("o.1", "B")]);
    expect(receipts).toEqual([stored(1), stored(1, true), stored(2)]);
    await jsm.streams.delete("OPEN");
  });

  it("tells a full stream from one that has the message", async () => {
    const [first, full] = await publisher.publish([to("g.1", "x".repeat(60_000)), to("g.2", "x".repeat(60_000))]);
    expect(first).toEqual(stored(1));
    expect(full).toEqual({ kind: "refused", code: 10077, description: "maximum bytes exceeded" });
  });

  it("says so at once when no stream listens", async () => {
    const from = Date.now();
    expect(await publisher.publish([to("nobody.1"), to("g.1")])).toEqual([{ kind: "unanswered" }, stored(1)]);
    expect(Date.now() - from).toBeLessThan(800);
  });

  it("doesn't wait for ever, and takes no late answer for that of another publication", async () => {
    const pid = Number(await readFile(join(home, "run/nats-server.pid"), "utf8"));
    process.kill(pid, "SIGSTOP");
    const isStopped = async () => / T /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
    try {
      await eventually("the broker stands still", isStopped, { withinMs: 2_000, everyMs: 5 });
      expect(await publisher.publish([to("g.1"), to("g.2")])).toEqual([{ kind: "unanswered" }, { kind: "unanswered" }]);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    const receipts = await publisher.publish([to("g.3"), to("g.1"), to("g.4")]);
    expect(receipts).toEqual([stored(3), TAKEN, stored(4)]);
  });

  it("that is closed leaves nobody waiting", async () => {
    const patient = createPublisher(nc, 60_000);
    await nc.flush();
    const pending = patient.publish([to("g.1"), to("g.2")]);
    patient.close();
    expect(await pending).toEqual([{ kind: "unanswered" }, { kind: "unanswered" }]);
  });

  it("refuses what the broker can't take at all, and works on", async () => {
    await expect(publisher.publish([to("g.1"), to("g.2", "x".repeat(2 ** 20 + 1))])).rejects.toThrow(
      /MAX_PAYLOAD|max payload/i,
    );
    expect(await publisher.publish([to("g.3")])).toMatchObject([{ kind: "stored" }]);
  });

  it("refuses to publish on a connection that is closed", async () => {
    const other = await connect({ servers: broker.url });
    const closed = createPublisher(other);
    await other.close();
    await expect(closed.publish([to("g.1")])).rejects.toThrow(/closed/i);
  });
});
