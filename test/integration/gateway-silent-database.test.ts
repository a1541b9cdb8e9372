import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFindDecided } from "../../src/gateway/applications/decided.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { createSharedBed, type TestBed } from "../support/test-bed.ts";

let bed: TestBed;
let end: () => Promise<void>;
let proxy: TcpProxy;
let behindProxy: string;

beforeAll(async () => {
  ({ bed, end } = await createSharedBed());
  const port = Number(new URL(bed.databaseUrl).port);
  proxy = await startTcpProxy(port);
  behindProxy = proxy.through(bed.databaseUrl);
});
afterAll(async () => {
  await proxy.stop();
  await end();
});

test("while the database says nothing, only so many questions wait for it; the others are told at once", async () => {
  const database = new pg.Pool({ connectionString: behindProxy, max: 2, query_timeout: 15_000 });
  database.on("error", () => {});
  await Promise.all([database.query("select 1"), database.query("select 1")]);
  const findDecided = createFindDecided(database);
  proxy.blackHole();
  const outcomes = new Map<string, number>();
  const note = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const asked = Array.from({ length: 20_000 }, (_, index) =>
    findDecided([`Q-${index}`]).then(
      () => note("answered"),
      (error) => note(`${error.details?.status}`),
    ),
  );
  await eventually("some are refused", () => (outcomes.get("503") ?? 0) > 5_000, { withinMs: 2_000 });
  expect(outcomes.get("answered")).toBeUndefined();
  proxy.heal();
  await Promise.all(asked);
  expect(outcomes.get("answered")).toBeGreaterThan(5_000);
  expect(outcomes.get("answered")! + outcomes.get("503")!).toBe(20_000);
  await database.end();
});

test("a database that says nothing is shown as away within seconds", async () => {
  const gateway = await startGateway(bed, { DATABASE_URL: behindProxy });
  const isThere = async () => {
    const answer = await gateway.ask("viewer", "/v1/status");
    return ((await answer.json()) as { health: { postgres: boolean } }).health.postgres;
  };
  await eventually("the database is there", isThere, { withinMs: 10_000 });
  proxy.blackHole();
  await eventually("it is shown as away", async () => !(await isThere()), { withinMs: 8_000 });
  proxy.heal();
  await eventually("it is there again", isThere, { withinMs: 20_000 });
  await gateway.process.stop();
});
