import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeEach, inject } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import type { DriftReport } from "../../src/contracts/drift-report.ts";
import type { IntakeRow } from "../../src/drift/intake-rows.ts";
import { readStoredReports } from "../../src/drift/stored-reports.ts";
import type { DriftSubject } from "../../src/drift/subject.ts";
import { readSubject } from "../../src/drift/subjects.ts";
import { takeInRows } from "../../src/drift/take-in-rows.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { registerModel } from "../../src/models/registry.ts";
import { createLogger } from "../../src/platform/log.ts";
import { type DatabaseClient, inTransaction } from "../../src/platform/postgres.ts";
import { createObserver } from "../../src/statistics/observe.ts";
import { type TimeGrid, timeGrid } from "../../src/statistics/panes.ts";
import { createMadeUp } from "./made-up.ts";
import { cloneDatabase, type TestDatabase } from "./test-database.ts";

/** Intakes of the drift consumer, of traffic in days from START on, and what came of them. */

export const DAY_MS = 86_400_000;
export const START = Date.UTC(2025, 0, 1);
export const day = (number: number) => START + number * DAY_MS;
export const DAILY = timeGrid(START, DAY_MS);
export const MIN_SAMPLES = 60;
const log = createLogger("silent", "test");
const madeUp = createMadeUp(31);

let server: TestDatabase;
export let database: pg.Pool;
export let subject: DriftSubject;

/** Every test of the file gets a database of its own, with the shipped model. */
export function useFreshDatabase(): void {
  beforeEach(async () => {
    await database?.end();
    await server?.drop();
    server = await cloneDatabase(inject("templateUrl"));
    database = new pg.Pool({ connectionString: server.url, max: 2 });
    const bundle = await readBundle(join(ROOT, "models/lendingclub"));
    subject = await readSubject(database, await registerModel(database, bundle));
  });
  afterAll(async () => {
    await database.end();
    await server.drop();
  });
}

type Traffic = {
  readonly from: number;
  readonly to: number;
  readonly applications: number;
  readonly channel?: string;
  readonly isShifted?: boolean;
};

/** The row of a message as scorers write it. */
export function rowOf(traffic: readonly Traffic[], grid: TimeGrid, observer = "00000000-0000-4000-8000-000000000001") {
  const observation = createObserver(subject.manifest.features, subject.layout, grid)();
  for (const { from, to, applications, channel = "web", isShifted = false } of traffic) {
    const made = (isShifted ? madeUp.shifted : madeUp.usual)(applications, from, to);
    for (const { submitted_at, features } of made) {
      const submittedAt = Date.parse(submitted_at);
      const decision = "approve";
      observation.decision({ channel, submittedAt, receivedAt: submittedAt, features, score: 0.1, decision });
    }
  }
  const observers = { [observer]: { latest: observation.latest()!, at: START } };
  return { model_id: subject.modelId, pane_ms: grid.paneMs, observers, cells: observation.cells() };
}

type Taken = {
  readonly reports: readonly DriftReport[];
  readonly late: number;
  readonly statements: readonly string[];
};

/** Takes traffic in, and tells what was asked of the database for it. */
export async function take(traffic: readonly Traffic[], grid = DAILY, judgedOn = grid): Promise<Taken> {
  return takeRows([rowOf(traffic, grid)], judgedOn);
}

export async function takeRows(rows: readonly IntakeRow[], judgedOn = DAILY): Promise<Taken> {
  const statements: string[] = [];
  const options = { grid: judgedOn, minSamples: MIN_SAMPLES, latenessMs: 0, log };
  const [taken] = await inTransaction(database, (client) => {
    const noting = new Proxy(client, {
      get: (target, name) =>
        name === "query"
          ? (text: string, values: unknown[]) => {
              statements.push(text);
              return target.query(text, values);
            }
          : Reflect.get(target, name),
    }) as DatabaseClient;
    return takeInRows(noting, options, rows);
  });
  return { reports: taken!.reports, late: taken!.late, statements };
}

export const daysOf = (reports: readonly DriftReport[]) =>
  reports.map(({ channel, window, applications, revision }) => [
    channel,
    (Date.parse(window.start) - START) / DAY_MS,
    (Date.parse(window.end) - START) / DAY_MS,
    applications,
    revision,
  ]);
export const stored = () => readStoredReports(database, subject.model);
export const readsOfReports = ({ statements }: Taken) =>
  statements.filter((text) => /^\s*select report/.test(text)).length;
export const eventsOf = async () =>
  (
    await database.query<{ payload: string }>("select payload from plumbline.outgoing_events order by position")
  ).rows.map(({ payload }) => JSON.parse(payload).status as string);
