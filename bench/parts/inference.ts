import { createEncoder } from "../../src/models/encode.ts";
import { decide } from "../../src/models/policy.ts";
import { substitutionReasons } from "../../src/models/reasons.ts";
import type { Decider } from "../../src/scorer/score.ts";
import type { Bodies } from "../applications.ts";
import { medianRate } from "../median-rate.ts";
import { featuresOf } from "./decisions.ts";

export const BATCH_SIZES = [1, 16, 64, 256, 512] as const;
const DECLINED = 32;

export type Inference = {
  /** Applications per second by rows in a run. */
  readonly rowsPerSecond: Readonly<Record<(typeof BATCH_SIZES)[number], number>>;
  /** Declined applications per second that get their reasons, 32 at a time. */
  readonly reasonsPerSecond: number;
};

/** The model alone, on one core. */
export async function measureInference(
  decider: Decider,
  bodies: Bodies,
  windowMs: number,
  signal: AbortSignal,
): Promise<Inference> {
  const { manifest, session, policy, typicalValues } = decider;
  const encoder = createEncoder(manifest.features);
  const count = Math.min(bodies.length, 2_048);
  const tensor = new Float32Array(count * encoder.width);
  for (let row = 0; row < count; row++) encoder.encode(featuresOf(bodies[row]!), tensor, row, () => {});
  const rowsFrom = (row: number, rows: number) => tensor.subarray(row * encoder.width, (row + rows) * encoder.width);

  const rates: [number, number][] = [];
  for (const rows of BATCH_SIZES) {
    let at = 0;
    const rate = await medianRate(windowMs, signal, async () => {
      await session.run(rowsFrom(at, rows), rows);
      at = (at + rows) % (count - rows + 1);
      return rows;
    });
    rates.push([rows, rate]);
  }

  const scores = await session.run(tensor, count);
  const declined = [...scores.keys()].filter((row) => decide(policy(), scores[row]!) === "decline").slice(0, DECLINED);
  const declinedRows = new Float32Array(declined.length * encoder.width);
  for (const [index, row] of declined.entries()) declinedRows.set(rowsFrom(row, 1), index * encoder.width);
  const probabilities = declined.map((row) => scores[row]!);
  const reasonsPerSecond = await medianRate(windowMs, signal, async () => {
    await substitutionReasons(session, manifest.features, typicalValues, declinedRows, probabilities);
    return declined.length;
  });
  return { rowsPerSecond: Object.fromEntries(rates) as Inference["rowsPerSecond"], reasonsPerSecond };
}
