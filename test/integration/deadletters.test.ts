import { headers } from "@nats-io/transport-node";
import { expect, inject, test } from "vitest";
import { makeApplication } from "../support/applications.ts";
import { readScoreRows, readStream } from "../support/delivered.ts";
import { backlog, drained } from "../support/drain.ts";
import { thatDiesAt } from "../support/entry-scripts.ts";
import { eventually } from "../support/eventually.ts";
import { runCommand, startCommand } from "../support/ingest-command.ts";
import { randomFrom } from "../support/seed.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function application(id: string): string {
  return JSON.stringify(makeApplication(id, randomFrom(3)));
}

/** Publishes the messages and has a scorer settle them all. */
async function settle(bed: TestBed, messages: readonly (readonly [subject: string, payload: string | Uint8Array])[]) {
  await bed.createStreams();
  for (const [subject, payload] of messages) {
    const sent = headers();
    sent.set("traceparent", TRACE);
    sent.set("ce-source", "test");
    sent.set("X-Private", "stays behind");
    await bed.js.publish(subject, payload, { headers: sent });
  }
  bed.startScorer();
  await drained(bed);
}

/** Dead letters as a scorer would publish them, put there without one. */
async function putLetters(bed: TestBed, count: number, input = "applications"): Promise<void> {
  await bed.createStreams();
  for (let n = 1; n <= count; n++) {
    const sent = headers();
    sent.set("Plumbline-Reason", "schema_violation");
    sent.set("Plumbline-Error", "dti must be number or null");
    sent.set("Plumbline-Subject", `${input}.web`);
    sent.set("Plumbline-Sequence", String(n));
    bed.nc.publish(`deadletters.schema_violation.${input}.${n}`, `payload ${n}`, { headers: sent });
    if (n % 5_000 === 0) await bed.nc.flush();
  }
  await bed.nc.flush();
  const { state } = await bed.jsm.streams.info("DEADLETTERS");
  expect(state.messages).toBe(count);
}

async function list(bed: TestBed, ...args: string[]): Promise<{ id: string; reason: string; bytes: number }[]> {
  const { code, stdout, stderr } = await runCommand(["deadletters", "list", "--json", ...args], bed.environment);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

async function waitingPayloads(bed: TestBed): Promise<string[]> {
  const { state } = await bed.jsm.streams.info("APPLICATIONS");
  const sequences = Array.from({ length: state.last_seq - state.first_seq + 1 }, (_, n) => state.first_seq + n);
  const messages = await Promise.all(sequences.map((seq) => bed.jsm.streams.getMessage("APPLICATIONS", { seq })));
  return messages.map((message) => Buffer.from(message!.data).toString());
}

async function requeuedInRecord(bed: TestBed): Promise<number[]> {
  const { rows } = await bed.database.query(
    "select sequence from plumbline.applications where requeued_at is not null order by sequence",
  );
  return rows.map(({ sequence }) => Number(sequence));
}

test("dead letters are listed, shown and requeued", async () => {
  const bed = await createTestBed();
  const binary = Buffer.from([0x7b, 0xff, 0x1b, 0x5b, 0x33]);
  await settle(bed, [
    ["applications.web", application("fine")],
    ["applications.web", binary],
    ["applications.Web.deep", application("lost")],
    ["applications.web", '{"application_id":"x"}'],
  ]);

  expect(await list(bed)).toEqual([
    expect.objectContaining({ id: "applications-2", reason: "malformed_json", subject: "applications.web", bytes: 5 }),
    expect.objectContaining({ id: "applications-3", reason: "invalid_subject", subject: "applications.Web.deep" }),
    expect.objectContaining({
      id: "applications-4",
      reason: "schema_violation",
      error: "submitted_at is required but missing",
    }),
  ]);
  expect((await list(bed, "--limit", "2")).map(({ id }) => id)).toEqual(["applications-3", "applications-4"]);
  expect((await list(bed, "--reason", "malformed_json")).map(({ id }) => id)).toEqual(["applications-2"]);
  expect(await list(bed, "--stream", "outcomes")).toEqual([]);

  const page = await runCommand(["deadletters", "show", "applications-2"], bed.environment);
  expect(page.stdout).toMatch(/^applications-2: the event is not UTF-8 text; encode it as UTF-8\n {2}malformed_json, /);
  expect(page.stdout).toMatch(/traceparent: 00-.*payload \(5 bytes\):\n\{\\xff\\x1b\[3\n$/s);
  const shown = await runCommand(["deadletters", "show", "applications-2", "--json"], bed.environment);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    id: "applications-2",
    headers: { "Plumbline-Reason": "malformed_json", "ce-source": "test" },
    payload_base64: binary.toString("base64"),
  });

  const all = await runCommand(["deadletters", "requeue", "--all", "--reason", "invalid_subject"], bed.environment);
  expect(all).toEqual({
    code: 1,
    stdout: "",
    stderr: "applications-3: its subject is no valid one; say with --channel where it belongs\n",
  });
  const named = ["deadletters", "requeue", "applications-3", "applications-9", "--channel", "branch"];
  const requeued = await runCommand(named, bed.environment);
  expect(requeued).toEqual({
    code: 1,
    stdout: "applications-3: published to applications.branch, sequence 5\n",
    stderr: "applications-9: there is no such dead letter; it may have been requeued, or is too old\n",
  });
  await drained(bed);
  expect((await list(bed)).map(({ id }) => id)).toEqual(["applications-2", "applications-4"]);
  expect((await readScoreRows(bed.database)).map((row) => [row.application_id, row.channel])).toEqual([
    ["fine", "web"],
    ["lost", "branch"],
  ]);
  expect(await requeuedInRecord(bed)).toEqual([3]);
  const audit = await bed.database.query("select name, token_id, action, subject, result from plumbline.audit");
  expect(audit.rows).toEqual([
    {
      name: "command line",
      token_id: null,
      action: "deadletters.requeue",
      subject: "applications-3",
      result: "done",
    },
  ]);
  const [, score] = await readStream(bed.js, bed.jsm, "SCORES");
  expect(score!.headers!.get("traceparent")).toBe(TRACE);
  expect(score!.headers!.get("ce-source")).toBe("test");

  // What is still wrong is a dead letter again, under its new sequence.
  const rest = await runCommand(["deadletters", "requeue", "--all", "--json"], bed.environment);
  expect(rest.code).toBe(0);
  expect(JSON.parse(rest.stdout)).toEqual([
    { id: "applications-2", subject: "applications.web", sequence: 6 },
    { id: "applications-4", subject: "applications.web", sequence: 7 },
  ]);
  await drained(bed);
  expect((await list(bed)).map(({ id }) => id)).toEqual(["applications-6", "applications-7"]);
});

test("a late redelivery of the original message doesn't bring its dead letter back", async () => {
  const bed = await createTestBed({ ACK_WAIT: "2s" });
  await bed.createStreams();
  await bed.js.publish("applications.web", "not json");
  // It has published the dead letter, and acknowledged nothing.
  const scorer = bed.startScorer({}, thatDiesAt("after_publish", 1));
  expect(await scorer.ended).toBe("SIGKILL");
  const requeued = await runCommand(["deadletters", "requeue", "applications-1"], bed.environment);
  expect(requeued.stdout).toBe("applications-1: published to applications.web, sequence 2\n");
  bed.startScorer();
  await drained(bed);
  await bed.stopScorers();
  expect((await list(bed)).map(({ id }) => id)).toEqual(["applications-2"]);
});

test("what an earlier requeue left undone is finished, and not published twice", async () => {
  const bed = await createTestBed();
  await putLetters(bed, 3);
  await bed.database.query(`
    insert into plumbline.applications (sequence, received_at, dead_letter_reason, dead_letter_error, requeued_at)
    values (1, now(), 'schema_violation', '', now()), (2, now(), 'schema_violation', '', null)`);
  // The first was marked but not deleted; the second published but not marked.
  await bed.js.publish("applications.web", "payload 2", { msgID: "requeue:DEADLETTERS:2" });
  const { code, stdout } = await runCommand(["deadletters", "requeue", "--all"], bed.environment);
  expect([code, stdout.split("\n")]).toEqual([
    0,
    [
      "applications-1: was requeued before, deleted",
      "applications-2: published to applications.web, sequence 1",
      "applications-3: published to applications.web, sequence 2",
      "",
    ],
  ]);
  expect(await waitingPayloads(bed)).toEqual(["payload 2", "payload 3"]);
  expect(await requeuedInRecord(bed)).toEqual([1, 2]);
  expect(await list(bed)).toEqual([]);
});

test("requeueing that is killed at any moment and begun again publishes each dead letter once", async () => {
  const random = randomFrom(inject("seed"));
  const bed = await createTestBed();
  const count = 2_000;
  await putLetters(bed, count);
  const left = async () => (await bed.jsm.streams.info("DEADLETTERS")).state.messages;
  for (let kill = 0; kill < 5; kill++) {
    const before = await left();
    const requeueing = startCommand(["deadletters", "requeue", "--all"], bed.environment);
    await eventually("it has begun", async () => (await left()) < before, { withinMs: 10_000, everyMs: 2 });
    setTimeout(() => requeueing.child.kill("SIGKILL"), random.below(25));
    expect((await requeueing.ended).code).toBe("SIGKILL");
  }
  expect(await left()).toBeGreaterThan(0);
  expect((await runCommand(["deadletters", "requeue", "--all"], bed.environment)).code).toBe(0);
  expect(await left()).toBe(0);
  expect(await backlog(bed)).toBe(count);
  const expected = Array.from({ length: count }, (_, n) => `payload ${n + 1}`);
  expect((await waitingPayloads(bed)).sort()).toEqual(expected.sort());
});

test("dead letters of outcomes are requeued without a database", async () => {
  const bed = await createTestBed();
  await putLetters(bed, 2, "outcomes");
  const { DATABASE_URL: _, ...environment } = bed.environment;
  const { code, stdout } = await runCommand(["deadletters", "requeue", "outcomes-2"], environment);
  expect([code, stdout]).toEqual([0, "outcomes-2: published to outcomes.web, sequence 1\n"]);
  const message = await bed.jsm.streams.getMessage("OUTCOMES", { seq: 1 });
  expect(Buffer.from(message!.data).toString()).toBe("payload 2");
});

test("a hundred thousand are listed in seconds; none at all, and wrong words, are said", async () => {
  const bed = await createTestBed();
  const none = await runCommand(["deadletters", "list"], bed.environment);
  expect(none).toEqual({ code: 0, stdout: "", stderr: "no dead letters\n" });
  await putLetters(bed, 100_000);
  const startedAt = performance.now();
  const { stdout } = await runCommand(["deadletters", "list", "--limit", "2"], bed.environment);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(stdout).toMatch(
    /^applications-99999 .*Z {2}schema_violation applications\.web {2}dti must be number or null\napplications-100000 .*\n$/,
  );
  const missing = await runCommand(["deadletters", "show", "applications-100001"], bed.environment);
  expect([missing.code, missing.stderr]).toEqual([
    1,
    "plumbline: there is no dead letter applications-100001; it may have been requeued, or is too old.\n",
  ]);
  const neither = await runCommand(["deadletters", "requeue"], bed.environment);
  expect([neither.code, neither.stderr]).toEqual([2, "plumbline: name the dead letters to requeue, or say --all\n"]);
});
