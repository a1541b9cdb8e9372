import type { Manifest } from "../../models/manifest.ts";
import type { Database } from "../../platform/postgres.ts";
import type { Gateway } from "../server.ts";

type ModelRow = {
  name: string;
  version: string;
  sha256: string;
  bundle_sha256: string;
  registered_at: Date;
  manifest: Manifest;
  policy: object | null;
};

/** The registered models, the newest first, each with the policy in force and what its features are. */
export function addModelRoutes(gateway: Gateway, { database }: { database: Database }): void {
  gateway.get(
    "/v1/models",
    {
      config: { role: "viewer" },
      schema: {
        summary: "The registered models",
        tags: ["models"],
        response: {
          200: {
            type: "object",
            required: ["items"],
            properties: { items: { type: "array", items: { type: "object", additionalProperties: true } } },
          },
        },
      },
    },
    async () => {
      const { rows } = await database.query<ModelRow>(
        `select m.name, m.version, m.sha256, m.bundle_sha256, m.registered_at, m.manifest, to_jsonb(p) - 'model_name' as policy
         from public.models m
         left join lateral (
           select * from public.policies where model_name = m.name and in_force_from <= now()
           order by in_force_from desc, version desc limit 1) p on true
         order by m.registered_at desc, m.id desc`,
      );
      return { items: rows.map(modelOf) };
    },
  );
}

function modelOf({ manifest, registered_at, ...model }: ModelRow): object {
  return {
    ...model,
    registered_at: registered_at.toISOString(),
    features: manifest.features.map(({ name, type, required, importance, reason, ...rest }) => ({
      name,
      type,
      required,
      importance: importance ?? null,
      unit: "unit" in rest ? rest.unit : null,
      reason,
    })),
  };
}
