import type { ReferenceProfile } from "../contracts/reference-profile.ts";
import type { Manifest } from "../models/manifest.ts";
import { OperatorError } from "../platform/errors.ts";
import type { Database, DatabaseClient } from "../platform/postgres.ts";
import { settingsWith } from "./settings.ts";
import { type DriftSubject, driftSubject } from "./subject.ts";

type ModelRow = {
  id: number;
  name: string;
  version: string;
  bundle_sha256: string;
  manifest: Manifest;
  reference: ReferenceProfile | null;
  settings: Record<string, unknown> | null;
};

const SELECT = `select m.id, m.name, m.version, m.bundle_sha256, m.manifest, m.reference, s.settings
  from public.models m left join public.drift_settings s on s.model_name = m.name`;

/** A registered model with its settings in force. */
export async function readSubject(database: Database | DatabaseClient, modelId: number): Promise<DriftSubject> {
  const { rows } = await database.query<ModelRow>(`${SELECT} where m.id = $1`, [modelId]);
  return subjectOf(rows[0], `model ${modelId}`);
}

/** The newest version of a model by its name; without a name, the model that was registered last. */
export async function findSubject(database: Database, name: string | undefined): Promise<DriftSubject> {
  const { rows } = await database.query<ModelRow>(
    `${SELECT} where $1::text is null or m.name = $1 order by m.registered_at desc, m.id desc limit 1`,
    [name],
  );
  return subjectOf(rows[0], name === undefined ? "any model" : `model ${name}`);
}

function subjectOf(row: ModelRow | undefined, what: string): DriftSubject {
  if (row === undefined)
    throw new OperatorError(`${what} is not registered. A scorer registers its model when it starts.`);
  const { id, name, version, bundle_sha256, manifest, reference, settings } = row;
  if (reference === null) {
    throw new OperatorError(
      `model ${name} version ${version} was registered without its reference profile. Start a scorer with its bundle once.`,
    );
  }
  try {
    return driftSubject(id, { name, version, bundle_sha256 }, manifest, reference, settingsWith(settings ?? {}));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new OperatorError(`public.drift_settings of model ${name}: ${error.message}`, { cause: error });
  }
}
