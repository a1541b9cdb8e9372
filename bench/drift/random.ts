import { createSeededRandom } from "../../src/ingest/seeded-random.ts";

/** A number from 0 up to, and without, 1. */
export type Random = () => number;

export function seeded(seed: number): Random {
  return createSeededRandom(seed).uniform;
}
