import type { LatencyPlan } from "./latency.ts";

/** How much of everything is measured. */
export type Scale = {
  /** Of the parts that repeat until the time is up: each of three windows, in milliseconds. */
  readonly windowMs: number;
  /** Applications consumed in each repetition of that part. */
  readonly consumed: number;
  readonly drain: DrainScale;
  readonly wideDrain: DrainScale;
  /** Different applications for the wide model; the largest batch, 512, needs as many. */
  readonly wideBodies: number;
  readonly latency: readonly LatencyPlan[];
};

export type DrainScale = {
  /** Numbers of scorer processes to compare. */
  readonly scorers: readonly number[];
  readonly applications: number;
  readonly warmUp: number;
  readonly repetitions: number;
};

export const FULL: Scale = {
  windowMs: 1_000,
  consumed: 50_000,
  drain: { scorers: [1, 2], applications: 100_000, warmUp: 10_000, repetitions: 3 },
  wideDrain: { scorers: [1, 2], applications: 20_000, warmUp: 3_000, repetitions: 3 },
  wideBodies: 5_000,
  latency: [100, 1_000, 5_000].map((rate) => ({ rate, warmUpSeconds: 3, seconds: 20 })),
};

export const QUICK: Scale = {
  windowMs: 20,
  consumed: 2_000,
  drain: { scorers: [2], applications: 3_000, warmUp: 500, repetitions: 1 },
  wideDrain: { scorers: [1], applications: 500, warmUp: 100, repetitions: 1 },
  wideBodies: 512,
  latency: [{ rate: 500, warmUpSeconds: 0.5, seconds: 1 }],
};
