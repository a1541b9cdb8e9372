import { join } from "node:path";
import { pause } from "../src/platform/retry.ts";
import { type Bodies, writeBodies } from "./applications.ts";
import type { Slate } from "./blank-slate.ts";
import { runLoad } from "./latency.ts";
import { residentMb } from "./process-usage.ts";
import { withScorers } from "./scorers.ts";

const RATE = 2_000;
const EVERY_MS = 30_000;

/** Score events leave their stream soon, so that hours of them fit. */
export const SOAK_ENVIRONMENT = { SCORES_MAX_AGE: "2m" };

type Sample = { readonly minutes: number; readonly rssMb: number };

/**
 * Keeps a steady load on one scorer and prints its resident memory every 30 seconds, with its slope over the second
 * half of what has passed: the first half is the heap growing to its working size.
 */
export async function soak(
  slate: Slate,
  bundle: string,
  bodies: Bodies,
  minutes: number,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { servers } = slate;
  const bodiesFile = join(servers.home, "bodies.jsonl");
  await writeBodies(bodiesFile, bodies);
  await withScorers(slate, { count: 1, bundle, environment: SOAK_ENVIRONMENT }, signal, async ({ pids }) => {
    const plan = { natsUrl: servers.natsUrl, bodiesFile, prefix: "soak", rate: RATE };
    const load = runLoad({ ...plan, warmUpSeconds: 0, seconds: minutes * 60 }, signal);
    const ended = load.then(() => true);
    const samples: Sample[] = [];
    const from = Date.now();
    while (!(await Promise.race([ended, pause(EVERY_MS, signal).then(() => false)]))) {
      samples.push({ minutes: (Date.now() - from) / 60_000, rssMb: residentMb(pids[0]!) });
      print(describeSample(samples));
    }
    const { achievedRate, missing } = await load;
    print(`${achievedRate.toFixed(0)} score events per second, ${missing} missing`);
  });
}

function describeSample(samples: readonly Sample[]): string {
  const { minutes, rssMb } = samples.at(-1)!;
  const secondHalf = samples.slice(samples.length >> 1);
  const slope = secondHalf.length < 3 ? "" : `, slope ${slopePerHour(secondHalf).toFixed(1)} MiB per hour`;
  return `${minutes.toFixed(1).padStart(6)} min  ${rssMb.toFixed(1)} MiB${slope}`;
}

/** Least squares, in MiB per hour. */
function slopePerHour(samples: readonly Sample[]): number {
  const mean = (pick: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const [atMean, rssMean] = [mean(({ minutes }) => minutes), mean(({ rssMb }) => rssMb)];
  const covariance = mean(({ minutes, rssMb }) => (minutes - atMean) * (rssMb - rssMean));
  return (60 * covariance) / mean(({ minutes }) => (minutes - atMean) ** 2);
}
