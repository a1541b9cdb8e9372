import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quantile, sortedNumbers } from "../src/statistics/quantiles.ts";
import { type Bodies, writeBodies } from "./applications.ts";
import type { Slate } from "./blank-slate.ts";
import type { LoadPlan, LoadResult } from "./load.ts";
import { residentMb, watchOthers } from "./process-usage.ts";
import { runApart } from "./run-apart.ts";
import type { Scorers } from "./scorers.ts";

export type Latency = {
  /** Asked for, in applications per second. */
  readonly rate: number;
  readonly achievedRate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** How late the load generator itself was; part of the latencies. */
  readonly generatorLateP99Ms: number;
  readonly scorerRssMb: number;
  /** Cores that other programs took meanwhile. */
  readonly otherCores: number;
};

export type LatencyPlan = Pick<LoadPlan, "rate" | "warmUpSeconds" | "seconds">;

/**
 * Applies a steady load from a process of its own and returns what its subscriber saw.
 * @throws Error when a score event is missing.
 */
export async function measureLatency(
  { servers }: Slate,
  scorers: Scorers,
  bodies: Bodies,
  plan: LatencyPlan,
  signal: AbortSignal,
): Promise<Latency> {
  const bodiesFile = join(servers.home, "bodies.jsonl");
  await writeBodies(bodiesFile, bodies);
  const load: LoadPlan = { ...plan, natsUrl: servers.natsUrl, bodiesFile, prefix: `load${plan.rate}` };
  const otherCores = watchOthers();
  const { latenciesMs, latenessMs, achievedRate, missing } = await runLoad(load, signal);
  if (missing > 0) throw new Error(`at ${plan.rate}/s ${missing} applications got no score event`);
  const latencies = sortedNumbers(latenciesMs);
  return {
    rate: plan.rate,
    achievedRate,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    p999Ms: quantile(latencies, 0.999),
    generatorLateP99Ms: quantile(sortedNumbers(latenessMs), 0.99),
    scorerRssMb: Math.max(...scorers.pids.map(residentMb)),
    otherCores: otherCores(),
  };
}

export function runLoad(plan: LoadPlan, signal: AbortSignal): Promise<LoadResult> {
  return runApart(fileURLToPath(new URL("load.ts", import.meta.url)), plan, signal);
}
