import { RetentionPolicy } from "@nats-io/jetstream";
import { expect, onTestFinished, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { brittleApplication, writeBrittleBundle } from "../support/brittle-bundle.ts";
import { checkDelivery } from "../support/checker.ts";
import { backlog, drained } from "../support/drain.ts";
import { createLoad, outgoing } from "../support/load.ts";
import { publishAll, publishSteadily } from "../support/publish.ts";
import type { ScorerProcess } from "../support/scorer-process.ts";
import { randomFrom } from "../support/seed.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const FAILURE = 1;

/** What a scorer that refuses to start says, for a person: one sentence without a stack. */
async function refusal(scorer: ScorerProcess): Promise<string> {
  expect(await scorer.ended).toBe(FAILURE);
  const words = scorer
    .log()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("{"));
  expect(words).toHaveLength(1);
  return words[0]!;
}

async function settle(bed: TestBed, ids: readonly string[]) {
  const published = await publishAll(
    bed.js,
    ids.map((id) => outgoing("web", JSON.stringify(makeApplication(id, randomFrom(id.length))))),
  );
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  return published;
}

test("an APPLICATIONS stream that was made anew under an existing database is refused, and keeps its messages", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  await settle(bed, ["old-1", "old-2"]);
  await bed.jsm.streams.delete("APPLICATIONS");
  await bed.createStreams();
  // More than before: the sequences alone would not tell.
  await publishAll(
    bed.js,
    ["a", "b", "c"].map((id) => outgoing("web", JSON.stringify(makeApplication(id, randomFrom(1))))),
  );
  expect(await refusal(bed.startScorer())).toMatch(
    /^plumbline: stream APPLICATIONS was made anew .*Restore .* or point DATABASE_URL/,
  );
  expect(await backlog(bed)).toBe(3);
});

test("a stream that was restored from an older copy, and so behind the record, is refused", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  await settle(bed, ["old-1", "old-2"]);
  await bed.database.query("update plumbline.applications set sequence = sequence + 1000");
  expect(await refusal(bed.startScorer())).toContain("last sequence 2");
});

test("scorers that start while others record many applications don't take the stream for another", async () => {
  const bed = await createTestBed();
  await bed.startScorer().ready();
  const proxy = await startTcpProxy(Number(new URL(bed.databaseUrl).port));
  proxy.delay(100);
  const stream = publishSteadily(bed.js, createLoad(randomFrom(1)), 500);
  const late = bed.startScorer({ DATABASE_URL: proxy.through(bed.databaseUrl) });
  await late.ready();
  const published = await stream.finish();
  await drained(bed);
  await bed.stopScorers();
  await proxy.stop();
  expect((await checkDelivery(bed, published)).violations).toEqual([]);
});

test("a broker whose answers are lost while a scorer starts is asked again", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const proxy = await startTcpProxy(bed.broker.port);
  onTestFinished(proxy.stop);
  proxy.loseAnswersTo("$JS.API.STREAM.INFO.SCORES", 1);
  const scorer = bed.startScorer({ NATS_URL: proxy.through(bed.broker.url) });
  await scorer.ready();
  expect(proxy.answersToLose()).toBe(0);
  const published = await publishAll(bed.js, [outgoing("web", JSON.stringify(makeApplication("one", randomFrom(1))))]);
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, published)).toMatchObject({ violations: [], decisions: 1 });
});

test("a stream and a consumer with other settings are reported, setting by setting, and not changed", async () => {
  const bed = await createTestBed({ ACK_WAIT: "5s" });
  await bed.jsm.streams.add({ name: "APPLICATIONS", subjects: ["applications.>"], retention: RetentionPolicy.Limits });
  const before = (await bed.jsm.streams.info("APPLICATIONS")).config;
  const stream = await refusal(bed.startScorer());
  expect(stream).toContain("stream APPLICATIONS exists with other settings");
  expect(stream).toContain('retention is "limits" instead of "workqueue"');
  expect(stream).toContain('discard is "old" instead of "new"');
  expect((await bed.jsm.streams.info("APPLICATIONS")).config).toEqual(before);

  await bed.jsm.streams.delete("APPLICATIONS");
  await bed.createStreams({ ACK_WAIT: "7s" });
  const consumer = await refusal(bed.startScorer());
  expect(consumer).toContain("consumer scorer of stream APPLICATIONS exists with other settings");
  expect(consumer).toContain("ack_wait is 7000000000 instead of 5000000000");
  expect((await bed.jsm.consumers.info("APPLICATIONS", "scorer")).config.ack_wait).toBe(7_000_000_000);
});

test("a bundle that changed under its version, or whose model isn't the one of its manifest, is refused", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const bundle = `${bed.home}/bundle`;
  await writeBrittleBundle(bundle);
  const published = await publishAll(bed.js, [outgoing("web", brittleApplication("one", { amount: 1, risk: 0.9 }))]);
  bed.startScorer({ SCORER_BUNDLE: bundle });
  await drained(bed);
  await bed.stopScorers();
  expect(await checkDelivery(bed, published)).toMatchObject({ violations: [], decisions: 1 });

  await writeBrittleBundle(bundle, "1", [0.1, 0.2]);
  expect(await refusal(bed.startScorer({ SCORER_BUNDLE: bundle }))).toContain("A bundle is immutable");
});
