import type { Manifest } from "../../models/manifest.ts";
import { createValidator } from "../../models/validate.ts";
import type { Gateway } from "../server.ts";
import { addBatchRoute } from "./batch-route.ts";
import { addSubmitRoutes } from "./submit-routes.ts";
import { createSubmitter, type SubmitterParts } from "./submitter.ts";
import type { ReadLines } from "./uploads.ts";
import { createWaits, type ScoreNews } from "./waits.ts";

export type ApplicationsParts = SubmitterParts & {
  /** Of the model that applications are validated for. */
  readonly manifest: Manifest;
  readonly scores: ScoreNews;
  readonly readLines: ReadLines;
  /** A folder that nobody else reads, for files while they are worked on. */
  readonly uploadFolder: string;
};

/** Adds the routes that applications come in by. */
export async function addApplications(server: Gateway, parts: ApplicationsParts): Promise<void> {
  const { manifest, readLines, uploadFolder } = parts;
  const validator = createValidator(manifest);
  const submitter = createSubmitter(parts);
  const waits = createWaits(parts.scores);
  // Whoever waits is answered, with 202, before the server waits for them.
  server.addHook("preClose", async () => waits.stop());
  // Each reads its bodies in its own way.
  await server.register(async (own) => addSubmitRoutes(own, { validator, manifest, submitter, waits }));
  await server.register(async (own) => addBatchRoute(own, { validator, manifest, submitter, readLines, uploadFolder }));
}
