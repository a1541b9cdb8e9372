import { expect, test } from "vitest";
import { METRIC_CATALOGUE } from "../../src/contracts/metric-catalogue.ts";
import { drained } from "../support/drain.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { createMadeUp, sentOn } from "../support/made-up.ts";
import { publishAll } from "../support/publish.ts";
import type { ScorerProcess } from "../support/scorer-process.ts";
import { createTestBed } from "../support/test-bed.ts";

/** Nobody listens there. */
const NO_ALERTMANAGER = "http://127.0.0.1:9";

test("each role serves the metrics that the catalogue says it serves, no others, and with their labels", async () => {
  const bed = await createTestBed();
  const roles: Record<string, ScorerProcess> = {
    scorer: bed.startScorer(),
    drift: bed.startDrift(),
    alerts: bed.startAlerts({ ALERTS_ALERTMANAGER_URL: NO_ALERTMANAGER }),
    gateway: (await startGateway(bed)).process,
  };
  await Promise.all(Object.values(roles).map((role) => role.ready()));
  const now = Date.now();
  await publishAll(bed.js, sentOn("web", createMadeUp(7).usual(20, now - 1_000, now)));
  await drained(bed);

  for (const [role, process] of Object.entries(roles)) {
    const text = await process.metrics();
    const served = [...text.matchAll(/^# TYPE (plumbline_\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const catalogued = METRIC_CATALOGUE.filter(({ roles }) => (roles as readonly string[]).includes(role));
    expect(served.sort(), role).toEqual(catalogued.map(({ name, type }) => `${name} ${type}`).sort());
    for (const { name, labels } of catalogued) {
      const samples = text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{(.*)\\})? `, "gm"));
      for (const [, inBraces = ""] of samples) {
        const named = [...inBraces.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== "le");
        expect(named.sort(), name).toEqual([...labels].sort());
      }
    }
  }

  const sizes = ["disk_free_bytes", "disk_size_bytes"].map((name) => `${name}{role="alerts"}`);
  sizes.push("postgres_size_bytes", "postgres_connections", "postgres_max_connections");
  sizes.push('stream_max_bytes{stream="APPLICATIONS"}', 'stream_bytes{stream="SCORES"}');
  await eventually(
    "the servers are looked at",
    async () => {
      const samples = (await roles.alerts!.metrics()).split("\n").map((line) => line.split(" "));
      return sizes.every((series) =>
        samples.some(([name, value]) => name === `plumbline_${series}` && Number(value) > 0),
      );
    },
    { withinMs: 20_000 },
  );
});
