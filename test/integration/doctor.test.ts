import { copyFile, cp, rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import type { Finding } from "../../src/app/doctor/check.ts";
import { examine } from "../../src/app/doctor/doctor.ts";
import { ROOT, VARIABLES } from "../../src/app/environment.ts";
import { readVariables } from "../../src/platform/variables.ts";
import { eventually } from "../support/eventually.ts";
import { runCommand } from "../support/ingest-command.ts";
import { createTestBed, type TestBed } from "../support/test-bed.ts";

/** What doctor finds in the bed, by area. */
async function found(bed: TestBed, more: Readonly<Record<string, string>> = {}): Promise<Map<string, Finding>> {
  const findings = await examine(readVariables(VARIABLES, { ...bed.environment, ...more }));
  return new Map(findings.map((finding) => [finding.area, finding]));
}

/** Nobody listens there. */
const NOWHERE = "127.0.0.1:1";

test("doctor finds nothing wrong where all is well, and exits 0", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const scorer = bed.startScorer();
  await scorer.ready();
  const { code, stdout, stderr } = await runCommand(["doctor"], bed.environment);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toMatch(/FAILURE/);
  for (const area of [
    "node",
    "home",
    "model",
    "stream APPLICATIONS",
    "stream SCORES",
    "consumer scorer",
    "postgresql",
    "schema",
  ]) {
    expect(stdout).toMatch(new RegExp(`^ok +${area} `, "m"));
  }
  // Of an old broker it warns that it evicts.
  expect(stdout).toMatch(/^(ok|warning) +nats +nats-server [\d.]+ answers/m);
  expect(stdout).toMatch(new RegExp(`^ok +scorer ${scorer.pid} +ready at http`, "m"));

  const asJson = await runCommand(["doctor", "--json"], bed.environment);
  const findings = JSON.parse(asJson.stdout) as Finding[];
  expect(asJson.code).toBe(0);
  expect(findings.filter(({ status }) => status === "failure")).toEqual([]);
  // Doctor changes nothing: what nobody has made so far is still not there.
  expect(findings.find(({ area }) => area === "stream OUTCOMES")).toMatchObject({ status: "warning" });
  await expect(bed.jsm.streams.info("OUTCOMES")).rejects.toThrow();
  // What several findings advise is said once, below the last of them.
  const advice = [...stdout.matchAll(/→ (.*)/g)].map(([, text]) => text);
  expect(advice).toEqual([...new Set(advice)]);
});

test("doctor says where there are no servers, no roles and no model, each with what to do, and exits 1", async () => {
  const bed = await createTestBed();
  const { NATS_URL: _, DATABASE_URL: __, ...nothing } = bed.environment;
  const { code, stdout, stderr } = await runCommand(["doctor"], { ...nothing, SCORER_BUNDLE: join(bed.home, "none") });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toMatch(/^FAILURE +model +cannot read the model bundle .*\. Set SCORER_BUNDLE to .*$/m);
  expect(stdout).toMatch(/^FAILURE +nats +NATS_URL is not set.*\. Set NATS_URL, or start .*$/m);
  expect(stdout).toMatch(/^FAILURE +postgresql +DATABASE_URL is not set.*\. Set DATABASE_URL, or start .*$/m);
  // Those sentences say what to do; nothing is advised twice.
  expect(stdout.split("→")).toHaveLength(2);
  expect(stdout).toMatch(/^warning +roles +none runs from this home\n +→ /m);

  const faulty = await runCommand(["doctor"], { ...nothing, SCORER_BATCH_SIZE: "many" });
  expect(faulty).toMatchObject({ code: 2, stdout: "" });
  expect(faulty.stderr).toBe(
    "plumbline: the environment is not right: SCORER_BATCH_SIZE must be a whole number from 1 to 1024\n",
  );
});

test("doctor says that servers don't answer, and never a password", async () => {
  const bed = await createTestBed();
  const wrong = new URL(bed.databaseUrl);
  wrong.password = "hunter2@hunter3";
  const refused = await runCommand(["doctor"], {
    ...bed.environment,
    ...{ NATS_URL: `nats://user:hunter2@${NOWHERE}`, DATABASE_URL: wrong.href },
  });
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/^FAILURE +nats +cannot reach NATS at nats:\/\/127\.0\.0\.1:1: /m);
  expect(refused.stdout).toMatch(/^FAILURE +postgresql +cannot use PostgreSQL at .*password authentication failed/m);
  expect(refused.stdout + refused.stderr).not.toMatch(/hunter/);

  const away = await found(bed, { DATABASE_URL: `postgres://user:hunter2@${NOWHERE}/db?password=hunter3` });
  expect(away.get("postgresql")).toMatchObject({ status: "failure", message: expect.not.stringContaining("hunter") });
});

test("doctor says what the guarantee can't rest on: other settings of a stream, of the consumer, of the database", async () => {
  const bed = await createTestBed();
  await bed.createStreams({ ACK_WAIT: "7s" });
  const { config } = await bed.jsm.streams.info("SCORES");
  await bed.jsm.streams.update("SCORES", { ...config, max_bytes: 1_000_000 });
  // The pool's own connections keep the setting that they began with.
  await bed.database.query(`alter database ${new URL(bed.databaseUrl).pathname.slice(1)} set synchronous_commit = off`);
  const findings = await found(bed);
  expect(findings.get("stream SCORES")).toMatchObject({
    status: "failure",
    message: "max_bytes is 1000000 instead of 4294967296",
  });
  expect(findings.get("consumer scorer")).toMatchObject({
    status: "failure",
    message: expect.stringMatching(/ack_wait/),
  });
  expect(findings.get("postgresql")).toMatchObject({
    status: "failure",
    message: expect.stringMatching(/synchronous_commit is off/),
  });
});

test("doctor says that the database came back older than the broker", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  expect((await found(bed)).has("record")).toBe(false);
  await bed.js.publish("scores.web.refer.A-1", JSON.stringify({ application_id: "A-1" }));
  const older = {
    status: "failure",
    message: "SCORES has the decision of A-1, which the database doesn't: it is older",
  };
  expect((await found(bed)).get("record")).toMatchObject(older);
  // A database that was never migrated is what doctor finds then, not this.
  await bed.database.query("drop view public.scores");
  await bed.database.query("drop table public.migrations");
  expect((await found(bed)).has("record")).toBe(false);
});

test("doctor says that a database was never migrated, or not to the end", async () => {
  const bed = await createTestBed();
  await bed.database.query("delete from public.migrations where id > 0");
  expect((await found(bed)).get("schema")).toMatchObject({
    status: "failure",
    message: expect.stringMatching(/^0 of \d+ migrations are applied$/),
    advice: "run `plumbline migrate`",
  });
  const maintenance = new URL(bed.databaseUrl);
  maintenance.pathname = "/postgres";
  expect((await found(bed, { DATABASE_URL: maintenance.href })).get("schema")).toMatchObject({
    status: "failure",
    message: "the database was never migrated",
  });
});

test("doctor warns of a scorer that was killed, of a backlog that nobody works on, and of scoring that ended badly", async () => {
  const bed = await createTestBed();
  await bed.createStreams();
  const scorer = bed.startScorer();
  await scorer.ready();
  scorer.signal("SIGKILL");
  await scorer.ended;
  const isAsked = async () => (await bed.jsm.consumers.info("APPLICATIONS", "scorer")).num_waiting > 0;
  await eventually("its requests have gone with it", async () => !(await isAsked()), { withinMs: 10_000 });
  await bed.js.publish("applications.web", "{}");
  const client = new pg.Client(bed.databaseUrl);
  await client.connect();
  await client.query("insert into plumbline.scoring_attempts (sequence, attempts) values (9, 2)");
  await client.end();
  const findings = await found(bed);
  expect(findings.get(`scorer ${scorer.pid}`)).toMatchObject({
    status: "warning",
    message: expect.stringMatching(/does not answer/),
  });
  expect(findings.get("consumer scorer")).toMatchObject({
    status: "warning",
    advice: "applications wait and no scorer asks for them: start one",
  });
  const messages = [...findings.values()].map(({ message }) => message);
  expect(messages).toContain("1 applications ended a scoring attempt badly");
});

test("doctor refuses a bundle whose model is another's", async () => {
  const bed = await createTestBed();
  const bundle = join(bed.home, "bundle");
  await cp(join(ROOT, "models/lendingclub"), bundle, { recursive: true });
  await copyFile(join(bundle, "reference.json"), join(bundle, "model.onnx"));
  const findings = await found(bed, { SCORER_BUNDLE: bundle });
  expect(findings.get("model")).toMatchObject({
    status: "failure",
    message: expect.stringMatching(/is not the model that manifest.json names/),
  });
  await rm(bundle, { recursive: true });
});
