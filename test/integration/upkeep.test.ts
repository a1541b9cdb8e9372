import { jetstreamManager } from "@nats-io/jetstream";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../src/platform/log.ts";
import type { Database } from "../../src/platform/postgres.ts";
import { createUpkeepMetrics } from "../../src/upkeep/metrics.ts";
import { keepRetention, NOT_PRUNED, PRUNED } from "../../src/upkeep/retention.ts";
import { recordSystemHealth } from "../../src/upkeep/system-health.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

const log = createLogger("silent", "test");
const SOON = { withinMs: 20_000 };
const DAY_MS = 86_400_000;
const FOR_EVER = Object.fromEntries(PRUNED.map((relation) => [relation, Number.POSITIVE_INFINITY])) as Record<
  (typeof PRUNED)[number],
  number
>;

let bed: TestBed;
let end: () => Promise<void>;
beforeAll(async () => {
  ({ bed, end } = await createSharedBed());
});
afterAll(() => end());

/** In each table that hardly grows, a row of 500 days ago and a new one. */
async function addSmallRows(database: Database): Promise<void> {
  const [old, young] = ["now() - interval '500 days'", "now()"];
  for (const at of [old, young]) {
    await database.query(
      `insert into plumbline.audit (at, name, action, subject, result) values (${at}, 'n', 'a', 's', 'r')`,
    );
    await database.query(
      `insert into plumbline.tokens (id, name, role, expires_at) values (md5((${at})::text), 'n', 'viewer', ${at})`,
    );
    await database.query(
      `insert into public.system_health (at, role, instance, ready) values (${at}, 'drift', 'a', true)`,
    );
    for (const relation of ["drift_withdrawn (revision,", "drift_insufficient ("]) {
      const first = relation.includes("revision") ? "0," : "";
      const start = at === old ? "2019-01-01" : "2019-01-02";
      await database.query(
        `insert into plumbline.${relation} model_name, model_version, channel, cut, window_start, window_end, created_at)
         values (${first} 'm', '1', 'web', 'c', '${start}', date '${start}' + 1, ${at})`,
      );
    }
  }
}

test("every table is deleted from, or has a reason why it doesn't grow", async () => {
  const { rows } = await bed.database.query<{ relname: string }>(
    "select relname from pg_class where relkind = 'r' and relnamespace in ('public'::regnamespace, 'plumbline'::regnamespace)",
  );
  expect(rows.map(({ relname }) => relname).sort()).toEqual([...PRUNED, ...Object.keys(NOT_PRUNED)].sort());
});

test("what is older than it is kept is deleted", async () => {
  const { database } = bed;
  await database.query(
    `insert into public.api_usage
       select now() - make_interval(days => day), '/v1/scores', 'GET', 200, '', 1, 0.1 from generate_series(0, 4999) as day`,
  );
  await database.query(
    `insert into public.alerts (fingerprint, name, severity, status, labels, annotations, starts_at, ends_at, source) values
       ('a', 'Old', 'page', 'resolved', '{}', '{}', now() - interval '500 days', now() - interval '499 days', 'webhook'),
       ('b', 'LongSince', 'page', 'firing', '{}', '{}', now() - interval '500 days', null, 'webhook'),
       ('c', 'New', 'page', 'resolved', '{}', '{}', now() - interval '500 days', now(), 'webhook')`,
  );
  const report = `insert into public.drift_reports (model_name, model_version, channel, cut, window_start, window_end, revision, status,
      severity, applications, drift_score, drifted_feature_ratio, report, created_at)
    select 'm', '1', $1, 'c', d, d + interval '1 day', 0, 'judged', 'none', 1, 0, 0, '{}', now() - interval '900 days'
    from generate_series(timestamptz '2020-01-01', '2020-01-03', '1 day') as d`;
  await database.query(report, ["web"]);
  // The model's applications of the second day on can still be judged again.
  await database.query(
    `with m as (
       insert into public.models (name, version, sha256, bundle_sha256, manifest) values ('m', '1', '', '', '{}') returning id)
     insert into plumbline.drift_panes select id, 'c', timestamptz '2020-01-02', 'web', 1, '{}' from m`,
  );

  await addSmallRows(database);

  const metrics = createUpkeepMetrics(new Registry()).retention;
  const days400 = [...PRUNED]
    .filter((relation) => relation !== "applications")
    .map((relation) => [relation, 400 * DAY_MS]);
  const keepMs = { ...FOR_EVER, ...Object.fromEntries(days400), api_usage: 100 * DAY_MS, drift_reports: 800 * DAY_MS };
  const retention = keepRetention({ database, keepMs, metrics, log });
  const isDone = async () => ((await metrics.lastSuccess.get()).values[0]?.value ?? 0) > 0;
  await eventually("all relations are looked through", isDone, SOON);
  await retention.stop();

  const left = async (query: string) => (await database.query(query)).rows.map((row) => Object.values(row).join(" "));
  expect(await left("select count(*) from public.api_usage")).toEqual(["100"]);
  expect(await left("select name from public.alerts order by name")).toEqual(["LongSince", "New"]);
  const days = "select to_char(window_start, 'DD') from public.drift_reports order by 1";
  expect(await left(days), "those that may be judged again stay").toEqual(["02", "03"]);
  const { values } = await metrics.deleted.get();
  expect(values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.relation, value])).toEqual([
    ["drift_reports", 1],
    ["drift_withdrawn", 1],
    ["drift_insufficient", 1],
    ["alerts", 1],
    ["api_usage", 4900],
    ["audit", 1],
    ["tokens", 1],
    ["system_health", 1],
  ]);
  await database.query("delete from plumbline.drift_panes");
  await database.query("delete from public.models where name = 'm'");
  await database.query("delete from public.system_health");
  await database.query("select plumbline.prune('drift_reports', '800 days', 10)");
  expect(await left(days), "the newest stays").toEqual(["03"]);
});

test("the alerts role may do its upkeep and delete nothing else", async () => {
  const { database } = bed;
  const asAlerts = async (statement: string) => {
    const client = await database.connect();
    try {
      await client.query("begin");
      await client.query("set local role plumbline_alerts");
      return await client.query(statement).then(
        () => "allowed",
        ({ message }: Error) => message,
      );
    } finally {
      await client.query("rollback");
      client.release();
    }
  };
  for (const relation of PRUNED) {
    expect(await asAlerts(`select plumbline.prune('${relation}', '400 days', 10)`), relation).toBe("allowed");
  }
  expect(
    await asAlerts("insert into public.system_health (at, role, instance, ready) values (now(), 'a', 'b', true)"),
  ).toBe("allowed");
  expect(await asAlerts("select pg_database_size(current_database()), numbackends from pg_stat_database")).toBe(
    "allowed",
  );
  expect(await asAlerts("select plumbline.prune('applications', '89 days', 10)")).toContain("may not be deleted");
  expect(await asAlerts("select plumbline.prune('audit', '1 day', 10)")).toContain("may not be deleted");
  expect(await asAlerts("select plumbline.prune('models', '90 days', 10)")).toContain("nothing is deleted from");
  expect(await asAlerts("delete from public.api_usage")).toContain("permission denied");
});

test("applications older than they are kept are deleted from the oldest on", async () => {
  const { database } = bed;
  await database.query(
    `insert into plumbline.applications (sequence, received_at, dead_letter_reason, dead_letter_error)
       select day, now() - make_interval(days => 5000 - day), 'malformed_json', '' from generate_series(1, 5000) as day`,
  );
  // Decided just now, after it had waited for years.
  await database.query(
    "update plumbline.applications set application_id = 'x', decision = 'approve', score = 0, dead_letter_reason = null, scored_at = now() where sequence = 1000",
  );
  const metrics = createUpkeepMetrics(new Registry()).retention;
  const retention = keepRetention({ database, keepMs: { ...FOR_EVER, applications: 100 * DAY_MS }, metrics, log });
  await eventually("it is done", async () => ((await metrics.lastSuccess.get()).values[0]?.value ?? 0) > 0, SOON);
  await retention.stop();
  const { rows } = await database.query("select min(sequence) as first, count(*) as left from plumbline.applications");
  expect(rows).toEqual([{ first: "1000", left: "101" }]);
  await database.query("delete from plumbline.applications");
});

test("the system's health is written once a period for every process and for the system", async () => {
  const { database, nc } = bed;
  const jsm = await jetstreamManager(nc);
  const scorer = bed.startScorer();
  await scorer.ready();
  const recorders = [1, 2].map(() => recordSystemHealth({ nc, jsm, database, folder: bed.home, everyMs: 3_000, log }));
  const now = Date.now();
  const applications = createMadeUp(5).usual(30, now - 1_000, now);
  await publishAll(bed.js, [
    ...sentOn("web", applications),
    { subject: "applications.web", payload: Buffer.from("{") },
  ]);
  await drained(bed);
  const read = async () =>
    (
      await database.query(
        "select role, ready, cpu_cores, memory_bytes, event_loop_lag_seconds, disk_free_bytes, live_model, decisions, dead_letters, pending from public.system_health order by at, role",
      )
    ).rows;
  const rows = await eventually(
    "two periods",
    async () => {
      const all = await read();
      return all.filter(({ role }) => role === "system").length >= 2 && all;
    },
    SOON,
  );
  for (const recorder of recorders) recorder.stop();

  const [first] = rows.filter(({ role }) => role === "scorer");
  expect(first).toMatchObject({ ready: true, live_model: null });
  expect(Number(first.memory_bytes)).toBeGreaterThan(50e6);
  expect(first.cpu_cores).toBeGreaterThan(0);
  expect(first.event_loop_lag_seconds).toBeGreaterThanOrEqual(0);
  const system = rows.filter(({ role }) => role === "system");
  expect(system.at(-1)).toMatchObject({ ready: true, live_model: "lendingclub 1", pending: "0" });
  expect(Number(system[0].disk_free_bytes)).toBeGreaterThan(1e6);
  const total = (name: string) => system.reduce((sum, row) => sum + Number(row[name]), 0);
  expect({ decisions: total("decisions"), dead_letters: total("dead_letters") }).toEqual({
    decisions: 30,
    dead_letters: 1,
  });
});
