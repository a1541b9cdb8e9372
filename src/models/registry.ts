import { OperatorError } from "../platform/errors.ts";
import type { Database } from "../platform/postgres.ts";
import type { Bundle } from "./bundle.ts";
import type { Policy } from "./policy.ts";

/**
 * Registers a bundle's model and returns its id. Seeds, for a model that is new by name, its policy from the manifest
 * and, when there is none yet, the route that gives it every channel.
 * @throws OperatorError when the same name and version is registered with other files: bundles are immutable.
 */
export async function registerModel(database: Database, bundle: Bundle): Promise<number> {
  const { name, version, onnx, policy } = bundle.manifest;
  await database.query(
    `insert into public.models (name, version, sha256, bundle_sha256, manifest, reference)
     values ($1, $2, $3, $4, $5, $6) on conflict (name, version) do nothing`,
    [name, version, onnx.sha256, bundle.sha256, bundle.manifestText, JSON.stringify(bundle.reference)],
  );
  const { rows } = await database.query<{ id: number; bundle_sha256: string }>(
    "select id, bundle_sha256 from public.models where name = $1 and version = $2",
    [name, version],
  );
  if (rows[0]!.bundle_sha256 !== bundle.sha256) {
    throw new OperatorError(
      `model ${name} version ${version} is registered with other files than those in ${bundle.folder}. A bundle is immutable: give the new one a new version in manifest.json.`,
    );
  }
  // Registered before profiles were kept.
  await database.query("update public.models set reference = $2 where id = $1 and reference is null", [
    rows[0]!.id,
    JSON.stringify(bundle.reference),
  ]);
  await database.query(
    `insert into public.policies (model_name, version, approve_below, decline_at_or_above, low_below, high_at_or_above)
     select $1, '1', $2, $3, $4, $5 where not exists (select from public.policies where model_name = $1)
     on conflict do nothing`,
    [
      name,
      policy.approve_below,
      policy.decline_at_or_above,
      policy.risk_bands.low_below,
      policy.risk_bands.high_at_or_above,
    ],
  );
  await database.query(
    `insert into public.routes (channel, model_name)
     select '*', $1 where not exists (select from public.routes) on conflict do nothing`,
    [name],
  );
  return rows[0]!.id;
}

type PolicyRow = {
  version: string;
  approve_below: number;
  decline_at_or_above: number;
  low_below: number;
  high_at_or_above: number;
};

/** The policy in force for a model: the newest that has come into force. */
export async function policyInForce(database: Database, modelName: string): Promise<Policy> {
  const { rows } = await database.query<PolicyRow>(
    `select version, approve_below, decline_at_or_above, low_below, high_at_or_above from public.policies
     where model_name = $1 and in_force_from <= now() order by in_force_from desc, version desc limit 1`,
    [modelName],
  );
  return policyOf(modelName, rows[0]);
}

/** A policy by its version. */
export async function policyByVersion(database: Database, modelName: string, version: string): Promise<Policy> {
  const { rows } = await database.query<PolicyRow>(
    `select version, approve_below, decline_at_or_above, low_below, high_at_or_above from public.policies
     where model_name = $1 and version = $2`,
    [modelName, version],
  );
  return policyOf(modelName, rows[0]);
}

function policyOf(modelName: string, row: PolicyRow | undefined): Policy {
  if (row === undefined) throw new OperatorError(`there is no such policy for model ${modelName} in public.policies`);
  return {
    version: row.version,
    approve_below: row.approve_below,
    decline_at_or_above: row.decline_at_or_above,
    risk_bands: { low_below: row.low_below, high_at_or_above: row.high_at_or_above },
  };
}

/**
 * Refuses to serve channels that are routed to a model which isn't loaded.
 * @throws OperatorError naming the channels.
 */
export async function refuseForeignRoutes(database: Database, loadedModel: string): Promise<void> {
  const { rows } = await database.query<{ channel: string; model_name: string }>(
    "select channel, model_name from public.routes where model_name <> $1 order by channel",
    [loadedModel],
  );
  if (rows.length === 0) return;
  const routes = rows.map(({ channel, model_name }) => `${channel} → ${model_name}`).join(", ");
  throw new OperatorError(
    `public.routes sends channels to models that this scorer hasn't loaded (${routes}; loaded: ${loadedModel}). Set SCORER_BUNDLE or mend the routes.`,
  );
}
