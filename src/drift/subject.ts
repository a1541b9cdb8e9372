import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import type { Manifest } from "../models/manifest.ts";
import { type ObservationLayout, observationLayout } from "../statistics/observation-layout.ts";
import type { DriftSettings } from "./settings.ts";

/** A model whose applications are watched. */
export type DriftSubject = {
  readonly modelId: number;
  readonly model: { readonly name: string; readonly version: string; readonly bundle_sha256: string };
  readonly manifest: Manifest;
  readonly reference: ReferenceProfile;
  readonly layout: ObservationLayout;
  /** Per feature, in the profile's order; they add up to 1. */
  readonly importance: readonly number[];
  readonly settings: DriftSettings;
};

export function driftSubject(
  modelId: number,
  model: DriftSubject["model"],
  manifest: Manifest,
  reference: ReferenceProfile,
  settings: DriftSettings,
): DriftSubject {
  const layout = observationLayout(reference);
  return { modelId, model, manifest, reference, layout, importance: importances(manifest), settings };
}

/** Shares of the model's importance; a feature that the manifest gives none counts like the average of the others. */
function importances({ features }: Manifest): number[] {
  const known = features.flatMap(({ importance }) => importance ?? []);
  const total = known.reduce((sum, importance) => sum + importance, 0);
  const average = total > 0 ? total / known.length : 1;
  const all = features.map(({ importance }) => (total > 0 ? (importance ?? average) : 1));
  const sum = all.reduce((a, b) => a + b, 0);
  return all.map((importance) => importance / sum);
}
