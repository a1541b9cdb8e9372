import type { Machine } from "../machine.ts";
import type { Posts } from "./measure-posts.ts";

/** What `--json` writes. */
export type Figures = {
  readonly machine: Machine;
  readonly date: string;
  readonly quick: boolean;
  /** Single submissions that wait for their score. */
  readonly withWait: Posts;
  /** Single submissions at rising rates. */
  readonly single: readonly Posts[];
  /** The highest of them that holds: p95 at most 100 ms, fewer than 0.1 % errors; 0 when none does. */
  readonly highestRate: number;
  readonly batches: Posts & { readonly applications: number };
};

/** The figures as a table for people. */
export function renderFigures({ machine, quick, withWait, single, highestRate, batches }: Figures): string {
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GiB; Linux ${machine.linux}; Node ${machine.node}; nats-server ${machine.natsServer}; PostgreSQL ${machine.postgres}`,
    "",
    "With wait, from when a request was due to its score",
    row(withWait),
    "",
    `Single submissions; the highest rate that holds is ${highestRate}/s`,
    ...single.map(row),
    "",
    `Batches of ${batches.applications}`,
    row(batches),
    quick ? "\nA quick run: its figures mean nothing." : "",
    "",
  ].join("\n");
}

function row(posts: Posts): string {
  const { rate, achievedRate, p50Ms, p95Ms, p99Ms, errorShare, statuses } = posts;
  const answers = Object.entries(statuses).map(([status, count]) => `${status} × ${count}`);
  return [
    `  ${rate}/s`.padEnd(10),
    `achieved ${achievedRate.toFixed(0)}/s`.padEnd(18),
    `p50 ${p50Ms.toFixed(1)} ms  p95 ${p95Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms`,
    `errors ${(errorShare * 100).toFixed(2)} % (${answers.join(", ")})`,
    `generator late p99 ${posts.generatorLateP99Ms.toFixed(1)} ms`,
    `gateway ${posts.gatewayCpuMicros.toFixed(0)} µs CPU per request, ${posts.gatewayRssMb.toFixed(0)} MiB`,
    `other programs ${posts.otherCores.toFixed(2)} cores`,
  ].join("  ");
}
