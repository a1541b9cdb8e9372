import { createEncoder } from "../../src/models/encode.ts";
import type { Manifest } from "../../src/models/manifest.ts";
import { createValidator } from "../../src/models/validate.ts";
import { type Bodies, payloadOf } from "../applications.ts";
import { medianRate } from "../median-rate.ts";

const BATCH = 256;

/** Decode, validate and encode, in one process and without any server: applications per second. */
export function measurePreparation(
  manifest: Manifest,
  bodies: Bodies,
  windowMs: number,
  signal: AbortSignal,
): Promise<number> {
  const validator = createValidator(manifest);
  const encoder = createEncoder(manifest.features);
  const payloads = Array.from({ length: BATCH * 8 }, (_, number) => payloadOf(bodies, "prepare", number));
  let next = 0;
  return medianRate(windowMs, signal, () => {
    const tensor = new Float32Array(BATCH * encoder.width);
    for (let row = 0; row < BATCH; row++) {
      const validation = validator.readBytes(payloads[next++ % payloads.length]!);
      if (!validation.ok) throw new Error(`a made-up application is refused: ${validation.error}`);
      encoder.encode(validation.event.features, tensor, row, () => {});
    }
    return BATCH;
  });
}
