import { randomUUID } from "node:crypto";
import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import type { Manifest } from "../models/manifest.ts";
import { observationLayout } from "../statistics/observation-layout.ts";
import { createObserver } from "../statistics/observe.ts";
import { paneOffset, type TimeGrid } from "../statistics/panes.ts";
import type { BatchObservation, NewRow } from "./record.ts";

export type Observed = {
  readonly modelId: number;
  readonly manifest: Manifest;
  readonly reference: ReferenceProfile;
  readonly grid: TimeGrid;
};

/** Returns the counting of a batch's rows for drift. Rows that nothing is counted of give undefined. */
export function createObserving({ modelId, manifest, reference, grid }: Observed) {
  const observation = createObserver(manifest.features, observationLayout(reference), grid);
  // A name for this process: the watermark is the least of what the active scorers have seen.
  const observer = randomUUID();
  const { paneMs } = grid;
  const paneOffsetMs = paneOffset(grid);

  return function observe(rows: readonly NewRow[]): BatchObservation | undefined {
    const counts = observation();
    for (const row of rows) {
      if (row.kind === "decision") {
        const { channel, submittedAt, receivedAt, score, decision } = row.decision;
        const { features, protected: groups } = row.application;
        counts.decision({ channel, submittedAt, receivedAt, features, protected: groups, score, decision });
      } else if (row.rejection.typeError !== undefined && row.channel !== undefined) {
        const { channel, receivedAt } = row;
        const { feature, submittedAt = receivedAt } = row.rejection.typeError;
        counts.typeError({ channel, submittedAt, receivedAt, feature });
      }
    }
    const cells = counts.cells();
    if (cells.length === 0) return undefined;
    const latestEventAt = counts.latest();
    return { modelId, observer, latestEventAt, paneMs, paneOffsetMs, cells: JSON.stringify(cells) };
  };
}
