import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { createBedWithPostgres, createTestBed } from "../support/test-bed.ts";

test("a scorer without work says not ready while PostgreSQL is away", async () => {
  const bed = await createBedWithPostgres();
  const scorer = bed.startScorer();
  await scorer.ready();
  const { url } = JSON.parse(await readFile(join(bed.home, "run", `scorer-${scorer.pid}.json`), "utf8"));
  const isServed = async () => ((await (await fetch(`${url}/readyz`)).json()) as ReadyAnswer).checks.postgres;
  await bed.postgres.stopImmediately();
  await eventually("readyz notices", async () => !(await isServed()), { withinMs: 15_000 });
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect(await scorer.metrics()).toMatch(/^plumbline_ready\{role="scorer"\} 0$/m);
  await bed.postgres.restart();
  await eventually("readyz notices the return", isServed, { withinMs: 15_000 });
  expect(await scorer.metrics()).toMatch(/^plumbline_ready\{role="scorer"\} 1$/m);
  await bed.stopScorers();
});

test("a role that starts while PostgreSQL is away counts that, so that somebody is told", async () => {
  const bed = await createBedWithPostgres();
  await bed.postgres.stopImmediately();
  const scorer = bed.startScorer();
  scorer.ready().catch(() => {});
  const counted = async () => {
    const count = /^plumbline_postgres_errors_total\{role="scorer",kind="outage"\} (\d+)$/m;
    const text = await scorer.metrics().catch(() => "");
    return Number(count.exec(text)?.[1]) >= 2;
  };
  await eventually("the metric rises", counted, { withinMs: 15_000 });
  await bed.postgres.restart();
  await bed.stopScorers();
});

type ReadyAnswer = { readonly checks: { readonly postgres: boolean } };

test("a scorer whose consumer was deleted ends with a sentence instead of asking for ever", async () => {
  const bed = await createTestBed();
  const scorer = bed.startScorer();
  await scorer.ready();
  await bed.jsm.consumers.delete("APPLICATIONS", "scorer");
  expect(await scorer.ended).toBe(1);
  expect(scorer.log()).toContain("plumbline: consumer scorer of stream APPLICATIONS was deleted. Start again");
});
