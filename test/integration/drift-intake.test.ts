import { join } from "node:path";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import { ALL_CHANNELS, type DriftEvent } from "../../src/contracts/drift-report.ts";
import { judgeCells } from "../../src/drift/from-record.ts";
import { readStoredReports } from "../../src/drift/stored-reports.ts";
import type { DriftSubject } from "../../src/drift/subject.ts";
import { readSubject } from "../../src/drift/subjects.ts";
import { takeIn } from "../../src/drift/take-in.ts";
import { closeModel } from "../../src/drift/take-in-rows.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { registerModel } from "../../src/models/registry.ts";
import { createLogger } from "../../src/platform/log.ts";
import { inTransaction } from "../../src/platform/postgres.ts";
import { createObserver } from "../../src/statistics/observe.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import { checkEvents, compareReports } from "../support/drift-checker.ts";
import { createMadeUp } from "../support/made-up.ts";
import { cloneDatabase, type TestDatabase } from "../support/test-database.ts";
import { createViolations } from "../support/violations.ts";

/** What is stored is what the panes give, in whatever order and portions the applications came. */

const DAY_MS = 86_400_000;
const START = Date.UTC(2025, 0, 1);
const LATENESS_MS = 300_000;
const CHANNELS = ["web", "partner"];
const log = createLogger("silent", "test");

let server: TestDatabase;
let database: pg.Pool;
let subject: DriftSubject;
let applicants: ApplicationEvent[];

beforeAll(async () => {
  server = await cloneDatabase(inject("templateUrl"));
  database = new pg.Pool({ connectionString: server.url, max: 2 });
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  subject = await readSubject(database, await registerModel(database, bundle));
  const madeUp = createMadeUp(21);
  applicants = [...madeUp.usual(300, START, START + 1), ...madeUp.shifted(300, START, START + 1)];
});
afterAll(async () => {
  await database.end();
  await server.drop();
});

type Arrival = { readonly day: number; readonly channel: number; readonly applicants: readonly number[] };
/** Arrivals that are taken in together; `closing` is `drift --finish`. */
type Step = { readonly arrivals: readonly Arrival[]; readonly closing: boolean };

const arrival: fc.Arbitrary<Arrival> = fc.record({
  day: fc.double({ min: 0, max: 120, noNaN: true }),
  channel: fc.nat(CHANNELS.length - 1),
  applicants: fc.array(fc.nat(599), { minLength: 1, maxLength: 30 }),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    arrivals: fc.array(arrival, { minLength: 1, maxLength: 6 }),
    closing: fc.nat(5).map((dice) => dice === 0),
  }),
  { minLength: 1, maxLength: 8 },
);

function cellsOf(arrivals: readonly Arrival[], grid: ReturnType<typeof timeGrid>) {
  const observation = createObserver(subject.manifest.features, subject.layout, grid)();
  for (const { day, channel, applicants: indexes } of arrivals) {
    const submittedAt = START + Math.floor(day * DAY_MS);
    for (const index of indexes) {
      const { features } = applicants[index]!;
      const score = (index % 100) / 100;
      const decision = index % 3 === 0 ? "approve" : "refer";
      observation.decision({
        channel: CHANNELS[channel]!,
        submittedAt,
        receivedAt: submittedAt,
        features,
        score,
        decision,
      });
    }
  }
  return { cells: observation.cells(), latest: observation.latest()! };
}

async function forget(): Promise<void> {
  await database.query(
    `truncate plumbline.drift_panes, plumbline.drift_progress, plumbline.drift_observers, plumbline.drift_withdrawn, plumbline.drift_insufficient,
       plumbline.outgoing_events, public.drift_reports, public.drift_provisional`,
  );
}

async function check(taken: readonly Arrival[], rules: Rules, watermark: number): Promise<void> {
  const { cells } = cellsOf(taken, rules.grid);
  const expected = [ALL_CHANNELS, ...CHANNELS].flatMap((channel) =>
    judgeCells(
      subject,
      channel,
      channel === ALL_CHANNELS ? cells : cells.filter((cell) => cell.channel === channel),
      rules,
      watermark,
    ),
  );
  const reports = await readStoredReports(database, subject.model);
  const violations = createViolations();
  compareReports("the applications", reports, expected, violations);
  const { rows } = await database.query<{ id: string; payload: string }>(
    "select id, payload from plumbline.outgoing_events order by position",
  );
  const events = rows.map(({ id, payload }) => ({ id, event: JSON.parse(payload) as DriftEvent }));
  checkEvents(events, reports, violations);
  expect(violations.lines()).toEqual([]);
}

type Rules = { readonly grid: ReturnType<typeof timeGrid>; readonly minSamples: number };

test("reports are those of the applications after every intake, in whatever order they come", async () => {
  const rules = fc.record({
    grid: fc.constantFrom(...[1, 7, 30, 45].map((days) => timeGrid(START, days * DAY_MS))),
    minSamples: fc.constantFrom(20, 60, 150),
  });
  await fc.assert(
    fc.asyncProperty(steps, rules, async (plan, { grid, minSamples }) => {
      await forget();
      const options = { subject, grid, minSamples, latenessMs: LATENESS_MS, log };
      const taken: Arrival[] = [];
      let wasClosed = false;
      for (const [at, { arrivals, closing }] of plan.entries()) {
        taken.push(...arrivals);
        const { cells, latest } = cellsOf(arrivals, grid);
        const observers = { "00000000-0000-4000-8000-000000000001": { latest, at: START + at } };
        await inTransaction(database, (client) => takeIn(client, options, { cells, observers }));
        if (!wasClosed) {
          const { rows } = await database.query<{ watermark: Date }>("select watermark from plumbline.drift_progress");
          await check(taken, { grid, minSamples }, rows[0]!.watermark.getTime());
        }
        if (!closing) continue;
        await inTransaction(database, (client) => closeModel(client, options, subject.modelId));
        wasClosed = true;
        await check(taken, { grid, minSamples }, Number.POSITIVE_INFINITY);
      }
    }),
    { numRuns: 60 },
  );
});
