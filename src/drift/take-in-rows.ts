import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { Logger } from "../platform/log.ts";
import type { Database, DatabaseClient } from "../platform/postgres.ts";
import { mergeObservers } from "../statistics/observation-cells.ts";
import { cutName, type TimeGrid } from "../statistics/panes.ts";
import type { IntakeRow } from "./intake-rows.ts";
import { judgeChannel } from "./judge-channel.ts";
import { lockProgress, readChannels } from "./pane-rows.ts";
import { readSubject } from "./subjects.ts";
import { addCells, type TakenIn, takeIn } from "./take-in.ts";

export type TakeInRowsOptions = {
  readonly grid: TimeGrid;
  readonly minSamples: number;
  readonly latenessMs: number;
  readonly log: Logger;
};

export type TakenInRows = TakenIn & { readonly model: string };

/** Takes in rows of any models, in the order of their ids, so that two consumers never wait for each other in a circle. */
export async function takeInRows(
  client: DatabaseClient,
  options: TakeInRowsOptions,
  rows: readonly IntakeRow[],
): Promise<TakenInRows[]> {
  const taken: TakenInRows[] = [];
  const models = [...new Set(rows.map(({ model_id }) => model_id))].sort((a, b) => a - b);
  for (const modelId of models) {
    const subject = await readSubject(client, modelId);
    const own = rows.filter(({ model_id }) => model_id === modelId);
    const expected = cutName(options.grid.paneMs, options.grid.originMs);
    const byCut = Map.groupBy(
      own.flatMap(({ pane_ms, cells }) => cells.map((cell) => ({ cut: cutName(pane_ms, cell.pane), cell }))),
      ({ cut }) => cut,
    );
    for (const [cut, counted] of byCut) {
      if (cut === expected) continue;
      options.log.error(
        { model: subject.model.name, cut, expected },
        "observations for other windows are kept and not judged: give scorers and drift the same DRIFT_WINDOW and DRIFT_ORIGIN",
      );
      await addCells(
        client,
        subject,
        cut,
        counted.map(({ cell }) => cell),
      );
    }
    const intake = {
      cells: (byCut.get(expected) ?? []).map(({ cell }) => cell),
      // Whoever counts for other windows must not close these.
      observers: mergeObservers(own.filter((row) => !isForeign(row, expected)).map(({ observers }) => observers)),
    };
    taken.push({ model: subject.model.name, ...(await takeIn(client, { ...options, subject }, intake)) });
  }
  return taken;
}

function isForeign({ pane_ms, cells }: IntakeRow, expected: string): boolean {
  return cells.some(({ pane }) => cutName(pane_ms, pane) !== expected);
}

/** The ids of the models that have panes. */
export async function modelsInProgress(database: Database): Promise<number[]> {
  const { rows } = await database.query<{ model_id: number }>(
    "select model_id from plumbline.drift_progress order by model_id",
  );
  return rows.map(({ model_id }) => model_id);
}

/** Judges what is left of a model, as if nothing more would come. */
export async function closeModel(
  client: DatabaseClient,
  options: TakeInRowsOptions,
  modelId: number,
): Promise<TakenInRows> {
  await lockProgress(client, modelId);
  const subject = await readSubject(client, modelId);
  const { grid, minSamples } = options;
  const panes = { modelId, cut: cutName(grid.paneMs, grid.originMs) };
  const reports: DriftReport[] = [];
  for (const channel of [
    ALL_CHANNELS,
    ...(await readChannels(client, panes, Number.NEGATIVE_INFINITY, minSamples)).sort(),
  ]) {
    reports.push(...(await judgeChannel(client, { ...options, subject }, channel, [], Infinity)));
  }
  return { model: subject.model.name, reports, provisional: [], late: 0 };
}
