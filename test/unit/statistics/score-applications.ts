import { fileURLToPath } from "node:url";
import type { ApplicationEvent } from "../../../src/contracts/application.ts";
import { createEncoder } from "../../../src/models/encode.ts";
import type { Manifest } from "../../../src/models/manifest.ts";
import { openSession } from "../../../src/models/session.ts";

const MODEL = fileURLToPath(new URL("../../../models/lendingclub/model.onnx", import.meta.url));

/** The shipped model's probabilities of default. */
export async function scoreApplications(
  manifest: Manifest,
  applications: readonly Pick<ApplicationEvent, "features">[],
): Promise<Float32Array> {
  const encoder = createEncoder(manifest.features);
  const tensor = new Float32Array(applications.length * encoder.width);
  for (const [row, { features }] of applications.entries()) encoder.encode(features, tensor, row, () => {});
  const session = await openSession(MODEL, manifest);
  try {
    return await session.run(tensor, applications.length);
  } finally {
    await session.release();
  }
}
