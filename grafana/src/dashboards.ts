import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { api } from "./boards/api.ts";
import { drift } from "./boards/drift.ts";
import { errors } from "./boards/errors.ts";
import { model } from "./boards/model.ts";
import { overview } from "./boards/overview.ts";
import { pipeline } from "./boards/pipeline.ts";
import { runtime } from "./boards/runtime.ts";

/** Every dashboard, in the order of their links. */
export function dashboards(): Dashboard[] {
  return [overview(), pipeline(), model(), drift(), api(), errors(), runtime()];
}
