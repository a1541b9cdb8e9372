import type { ObservationCell } from "../contracts/observation.ts";
import { parseManifest } from "../models/manifest.ts";
import type { DatabaseClient } from "../platform/postgres.ts";
import { observationLayout } from "../statistics/observation-layout.ts";
import { createObserver } from "../statistics/observe.ts";
import { observeStored } from "../statistics/stored-observations.ts";
import { type ObservationRow, readModel, readOwed } from "./observation-rows.ts";
import type { Observed } from "./observations.ts";

type Counted = Pick<Observed, "manifest" | "reference">;

/**
 * Returns the counting, from the record, of batches of which only a part was new. The others of the batch had been counted
 * by whoever wrote them. Any scorer counts for any model, so that a retired one's last batches aren't left over.
 */
export function createOwedCounting({ modelId, manifest, reference, grid }: Observed) {
  const known = new Map<number, Counted>([[modelId, { manifest, reference }]]);

  async function modelOf(client: DatabaseClient, id: number): Promise<Counted> {
    const own = known.get(id);
    if (own !== undefined) return own;
    const stored = await readModel(client, id);
    if (stored.reference === null) {
      throw new Error(`model ${id} was registered without its reference profile: start a scorer with its bundle once`);
    }
    const model = { manifest: parseManifest(stored.manifest, `public.models, id ${id}`), reference: stored.reference };
    known.set(id, model);
    return model;
  }

  return async function countOwed(client: DatabaseClient, row: ObservationRow): Promise<ObservationCell[]> {
    const model = await modelOf(client, row.model_id);
    // The panes that the batch was counted with, which may not be today's.
    const panes = { ...grid, paneMs: Number(row.pane_ms), originMs: Number(row.pane_offset_ms) };
    const observation = createObserver(model.manifest.features, observationLayout(model.reference), panes)();
    for (const stored of await readOwed(client, row.owed ?? [])) observeStored(observation, stored);
    return observation.cells();
  };
}
