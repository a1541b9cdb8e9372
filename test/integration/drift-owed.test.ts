import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../src/app/environment.ts";
import type { ApplicationEvent } from "../../src/contracts/application.ts";
import type { ObservationCell } from "../../src/contracts/observation.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { registerModel } from "../../src/models/registry.ts";
import { createLogger } from "../../src/platform/log.ts";
import { createPublisher } from "../../src/platform/publisher.ts";
import { createObserving } from "../../src/scorer/observations.ts";
import { passObservationsOn } from "../../src/scorer/pass-on.ts";
import { insertRows, type NewDecision, type NewRow } from "../../src/scorer/record.ts";
import { mergeCells } from "../../src/statistics/observation-cells.ts";
import { observationLayout } from "../../src/statistics/observation-layout.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import { createMadeUp } from "../support/made-up.ts";
import { createTestBed } from "../support/test-bed.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2025, 0, 1);
const day = (number: number) => START + number * DAY_MS;
const CHANNELS = ["web", "branch", "partner"];

test("a batch of which some rows, or all, were there already is counted once", async () => {
  const bed = await createTestBed();
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  const { manifest, reference } = bundle;
  const modelId = await registerModel(bed.database, bundle);
  const observed = { modelId, manifest, reference, grid: timeGrid(0, DAY_MS) };
  const observe = createObserving(observed);
  const rows = createMadeUp(14)
    .usual(20, day(0), day(3))
    .map((application, index) => decided(application, index + 1, modelId));
  const typeError: NewRow = {
    kind: "dead_letter",
    sequence: 21,
    receivedAt: day(2),
    rejection: { reason: "schema_violation", error: "no", typeError: { feature: "dti", submittedAt: day(1) } },
    channel: "web",
    modelId,
  };
  const insert = async (batch: readonly NewRow[]) =>
    [...(await insertRows(bed.database, batch, observe(batch)))].sort((a, b) => a - b);
  const written = async () =>
    (
      await bed.database.query<{ counted: boolean; owed: string[] | null }>(
        "select cells is not null as counted, owed from plumbline.observations order by id",
      )
    ).rows;

  expect(await insert(rows.slice(0, 8))).toHaveLength(8);
  expect(await written()).toEqual([{ counted: true, owed: null }]);
  // The whole batch once more: nothing is new, so nothing is to be counted.
  expect(await insert(rows.slice(0, 8))).toEqual([]);
  expect(await written()).toHaveLength(1);
  expect(await insert([...rows.slice(4, 12), typeError])).toEqual([9, 10, 11, 12, 21]);
  expect((await written())[1]).toEqual({
    counted: false,
    owed: expect.toSatisfy(isInAnyOrder("9", "10", "11", "12", "21")),
  });
  // The same applications under new sequences, beside new ones.
  const repeated = rows.slice(8, 12).map((row, index) => decided(row.application, 30 + index, modelId));
  expect(await insert([...repeated, ...rows.slice(12)])).toHaveLength(8);

  const publisher = createPublisher(bed.nc);
  await passObservationsOn({ database: bed.database, publisher, observed, log: createLogger("silent", "test") }).stop();
  publisher.close();
  expect(await written()).toEqual([]);
  const messages = await bed.database.query<{ cells: ObservationCell[] }>(
    "select cells from plumbline.observation_messages",
  );
  const expected = JSON.parse(observe([...rows, typeError])!.cells) as ObservationCell[];
  expect(sorted(mergeCells(messages.rows.flatMap(({ cells }) => cells)))).toEqual(sorted(expected));
});

test("what is owed of a model without scorers is counted by another's, and a row that can't be counted holds up no other", async () => {
  const bed = await createTestBed();
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  const { manifest, reference } = bundle;
  const modelId = await registerModel(bed.database, bundle);
  const observed = { modelId, manifest, reference, grid: timeGrid(0, DAY_MS) };
  const registerAnother = async (version: string, withReference: boolean) => {
    const { rows } = await bed.database.query<{ id: number }>(
      `insert into public.models (name, version, sha256, bundle_sha256, manifest, reference)
       select name, $1, sha256, bundle_sha256, manifest, case when $2 then reference end from public.models where id = $3
       returning id`,
      [version, withReference, modelId],
    );
    return rows[0]!.id;
  };
  const retired = await registerAnother("0", true);
  const unknown = await registerAnother("00", false);
  const rows = createMadeUp(15).usual(12, day(0), day(1));
  const owe = async (ofModel: number, from: number) => {
    const batch = rows.slice(from, from + 3).map((row, index) => decided(row, from + index + 1, ofModel));
    await insertRows(bed.database, batch.slice(0, 1));
    const observation = createObserving({ ...observed, modelId: ofModel })(batch);
    await insertRows(bed.database, batch, observation);
  };
  await owe(unknown, 0);
  await owe(retired, 4);
  await owe(modelId, 8);

  const log: string[] = [];
  const noting = {
    ...createLogger("silent", "test"),
    error: (fields: object, text: string) => log.push(JSON.stringify(fields) + text),
  };
  const publisher = createPublisher(bed.nc);
  const options = {
    database: bed.database,
    publisher,
    observed,
    log: noting as unknown as ReturnType<typeof createLogger>,
  };
  await passObservationsOn(options).stop();
  publisher.close();

  const left = await bed.database.query("select model_id from plumbline.observations");
  expect(left.rows).toEqual([{ model_id: unknown }]);
  expect(log).toEqual([expect.stringContaining("was registered without its reference profile")]);
  const messages = await bed.database.query<{ model_id: number; cells: ObservationCell[] }>(
    "select model_id, cells from plumbline.observation_messages order by model_id",
  );
  const layout = observationLayout(reference);
  const counted = messages.rows.map(({ model_id, cells }) => [
    model_id,
    cells.reduce((sum, { slots, values }) => sum + (values[slots.indexOf(layout.applications)] ?? 0), 0),
  ]);
  expect(counted).toEqual([
    [modelId, 2],
    [retired, 2],
  ]);
});

function decided(application: ApplicationEvent, sequence: number, modelId: number): NewDecision {
  const submittedAt = Date.parse(application.submitted_at);
  const decision = {
    applicationId: application.application_id,
    channel: CHANNELS[sequence % 3]!,
    submittedAt,
    receivedAt: submittedAt + 1,
    scoredAt: submittedAt + 2,
    model: { name: "lendingclub", version: "1", sha256: "ab" },
    policyVersion: "1",
    score: (sequence % 10) / 10,
    riskBand: "medium",
    decision: "refer",
    reasons: [],
    sequence,
    supersedes: undefined,
  } as const;
  const event = JSON.stringify(application);
  return { kind: "decision", decision, modelId, reasonMethod: null, application, event };
}

function isInAnyOrder(...expected: string[]) {
  return (actual: string[]) => JSON.stringify(actual.toSorted()) === JSON.stringify(expected.toSorted());
}

function sorted(cells: readonly ObservationCell[]): ObservationCell[] {
  return cells.toSorted((a, b) => a.pane - b.pane || (a.channel < b.channel ? -1 : 1));
}

test("messages that nobody counts are merged with their like, however many have gathered", async () => {
  const bed = await createTestBed();
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  const { manifest, reference } = bundle;
  const modelId = await registerModel(bed.database, bundle);
  const grid = timeGrid(0, DAY_MS);
  const observe = createObserving({ modelId, manifest, reference, grid });
  const rows = createMadeUp(16)
    .usual(95, day(0), day(0) + 1)
    .map((application) => decided(application, 3, modelId));
  for (const row of rows) {
    await bed.database.query(
      `insert into plumbline.observation_messages (model_id, pane_ms, observers, cells, created_at)
       values ($1, $2, '{}', $3, now() - interval '6 minutes')`,
      [modelId, grid.paneMs, observe([row])!.cells],
    );
  }
  const publisher = createPublisher(bed.nc);
  const observed = { modelId, manifest, reference, grid };
  await passObservationsOn({ database: bed.database, publisher, observed, log: createLogger("silent", "test") }).stop();
  publisher.close();
  const left = await bed.database.query<{ cells: ObservationCell[] }>(
    "select cells from plumbline.observation_messages",
  );
  // Twenty at a time: five portions.
  expect(left.rows).toHaveLength(5);
  const all = JSON.parse(observe(rows)!.cells) as ObservationCell[];
  expect(sorted(mergeCells(left.rows.flatMap(({ cells }) => cells)))).toEqual(sorted(all));
});

test("what is owed is counted in the panes that the batch was counted in", async () => {
  const bed = await createTestBed();
  const bundle = await readBundle(join(ROOT, "models/lendingclub"));
  const { manifest, reference } = bundle;
  const modelId = await registerModel(bed.database, bundle);
  const rows = createMadeUp(17)
    .usual(6, day(0), day(2))
    .map((application, index) => decided(application, index + 1, modelId));
  const then = { modelId, manifest, reference, grid: timeGrid(1_000, DAY_MS / 2) };
  await insertRows(bed.database, rows.slice(0, 2));
  await insertRows(bed.database, rows, createObserving(then)(rows));
  const publisher = createPublisher(bed.nc);
  const now = { ...then, grid: timeGrid(0, DAY_MS) };
  const log = createLogger("silent", "test");
  await passObservationsOn({ database: bed.database, publisher, observed: now, log }).stop();
  publisher.close();
  const { rows: messages } = await bed.database.query<{ pane_ms: string; cells: ObservationCell[] }>(
    "select pane_ms, cells from plumbline.observation_messages",
  );
  const expected = JSON.parse(createObserving(then)(rows.slice(2))!.cells) as ObservationCell[];
  expect(messages.map(({ pane_ms }) => Number(pane_ms))).toEqual([then.grid.paneMs]);
  expect(sorted(messages[0]!.cells)).toEqual(sorted(expected));
});
