import { onBlankSlate } from "./blank-slate.ts";
import type { Bench, Subject } from "./context.ts";
import { measureConsumption } from "./parts/consumption.ts";
import { openDecider } from "./parts/decisions.ts";
import { BATCH_SIZES, measureInference } from "./parts/inference.ts";
import { measureInsertion } from "./parts/insertion.ts";
import { measurePreparation } from "./parts/preparation.ts";
import { measurePublication } from "./parts/publication.ts";

/** Each part of the pipeline alone, as far as it has one core or server to itself; keys end in PerSecond. */
export async function measureParts(
  { servers, scale, log, signal }: Bench,
  { bundle, bodies }: Subject,
): Promise<Record<string, number>> {
  const { windowMs, consumed } = scale;
  const decider = await openDecider(bundle);
  try {
    return await onBlankSlate(servers, log, async (slate) => {
      const insert = (connections: number) =>
        measureInsertion(slate, decider, bodies, { connections, windowMs }, signal);
      const consumption = await measureConsumption(slate, decider.manifest, bodies, consumed, log, signal);
      const preparation = await measurePreparation(decider.manifest, bodies, windowMs, signal);
      const { rowsPerSecond, reasonsPerSecond } = await measureInference(decider, bodies, windowMs, signal);
      const inference = BATCH_SIZES.map((rows) => [`onnxBatch${rows}PerSecond`, rowsPerSecond[rows]] as const);
      return {
        consumeParseAckPerSecond: consumption,
        decodeValidateEncodePerSecond: preparation,
        ...Object.fromEntries(inference),
        reasonsPerSecond,
        insertPerSecond: await insert(1),
        insertFourConnectionsPerSecond: await insert(4),
        publishPerSecond: await measurePublication(slate, decider, bodies, windowMs, signal),
      };
    });
  } finally {
    await decider.session.release();
  }
}
