import { fileURLToPath } from "node:url";
import { quantile, sortedNumbers } from "../../src/statistics/quantiles.ts";
import { cpuSeconds, residentMb, watchOthers } from "../process-usage.ts";
import { runApart } from "../run-apart.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import type { PostPlan, PostResult } from "./load.ts";

/** What was measured at one rate of requests. */
export type Posts = {
  readonly rate: number;
  readonly achievedRate: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Of answers that weren't the expected one. */
  readonly errorShare: number;
  readonly statuses: Readonly<Record<number, number>>;
  readonly generatorLateP99Ms: number;
  /** CPU time of the gateway per request. */
  readonly gatewayCpuMicros: number;
  readonly gatewayRssMb: number;
  /** Cores that other programs took meanwhile. */
  readonly otherCores: number;
};

export type PostsPlan = Omit<PostPlan, "url" | "token"> & { readonly expectedStatus: number };

const LOAD = fileURLToPath(new URL("load.ts", import.meta.url));

/** Posts at a rate from a process of its own. */
export async function measurePosts(
  gateway: GatewayProcess,
  { expectedStatus, ...plan }: PostsPlan,
  signal: AbortSignal,
): Promise<Posts> {
  const otherCores = watchOthers();
  const before = cpuSeconds(gateway.pid);
  const load: PostPlan = { ...plan, url: gateway.url, token: gateway.token };
  const { latenciesMs, latenessMs, achievedRate, statuses } = await runApart<PostResult>(LOAD, load, signal);
  const cpu = cpuSeconds(gateway.pid) - before;
  const latencies = sortedNumbers(latenciesMs);
  return {
    rate: plan.rate,
    achievedRate,
    p50Ms: quantile(latencies, 0.5),
    p95Ms: quantile(latencies, 0.95),
    p99Ms: quantile(latencies, 0.99),
    errorShare: 1 - (statuses[expectedStatus] ?? 0) / latencies.length,
    statuses,
    generatorLateP99Ms: quantile(sortedNumbers(latenessMs), 0.99),
    gatewayCpuMicros: (cpu * 1e6) / (plan.rate * (plan.warmUpSeconds + plan.seconds)),
    gatewayRssMb: residentMb(gateway.pid),
    otherCores: otherCores(),
  };
}
