import { expect, test } from "vitest";
import { drained } from "../support/drain.ts";
import { finishDrift } from "../support/drift-bed.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import { createTestBed } from "../support/test-bed.ts";

const DRIFT = { DRIFT_WINDOW: "1h", DRIFT_MIN_SAMPLES: "50" };
const START = Date.UTC(2025, 2, 1);
const HOUR_MS = 3_600_000;

type Status = {
  health: {
    nats: boolean;
    postgres: boolean;
    roles: { role: string; instances: number; ready: boolean; stale: boolean }[];
  };
  pending: { applications: number };
  live: { last_minute: { scored: number; end_to_end_ms: { p50: number } }; series: { scored: number }[] };
  dead_letters: number;
  models: { name: string; reference_decisions: { approve: number } }[];
  drift: { severity: string; stale: boolean };
};

test("the status shows what is scored now, and a role that is gone as stale within its two periods", async () => {
  const bed = await createTestBed(DRIFT);
  const [scorer, drift] = [bed.startScorer(), bed.startDrift()];
  const gateway = await startGateway(bed);
  await Promise.all([scorer.ready(), drift.ready()]);
  const read = async () => (await (await gateway.ask("viewer", "/v1/status")).json()) as Status;
  // Enough for a verdict, which may be too old by the end.
  const usual = createMadeUp(3).usual(120, START, START + 2 * HOUR_MS);
  await publishAll(bed.js, sentOn("web", usual));
  await drained(bed);
  await finishDrift(bed, DRIFT);
  await publishAll(bed.js, sentOn("web", createMadeUp(12).usual(50, START, START + HOUR_MS)));
  const status = await eventually(
    "the status shows the decisions of this minute",
    async () => {
      const shown = await read();
      return shown.live.last_minute.scored >= 50 && shown.live.series.some(({ scored }) => scored > 0) && shown;
    },
    { withinMs: 10_000 },
  );
  expect(status).toMatchObject({
    health: { nats: true, postgres: true },
    dead_letters: expect.any(Number),
    models: [{ name: "lendingclub", reference_decisions: { approve: expect.any(Number) } }],
    drift: { stale: false },
  });
  expect(status.live.last_minute.end_to_end_ms.p50).toBeGreaterThan(0);
  const rolesOf = ({ health }: Status) =>
    health.roles.map(({ role, instances, ready, stale }) => [role, instances, ready, stale]);
  expect(rolesOf(status)).toEqual([
    ["drift", 1, true, false],
    ["gateway", 1, true, false],
    ["scorer", 1, true, false],
  ]);

  drift.signal("SIGKILL");
  await drift.ended;
  const killedAt = Date.now();
  await eventually("the page is told that drift is stale", async () => (await read()).drift.stale, {
    withinMs: 10_000,
  });
  // Two periods of its heartbeat, and one for what is on its way.
  expect(Date.now() - killedAt).toBeLessThan(7_000);
  expect(rolesOf(await read())[0]).toEqual(["drift", 0, false, true]);
});
