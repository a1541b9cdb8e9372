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
