import { onBlankSlate } from "./blank-slate.ts";
import type { Bench, Subject } from "./context.ts";
import { type Drain, measureDrain } from "./drain.ts";
import { median } from "./median-rate.ts";
import type { Throughput } from "./report.ts";
import type { DrainScale } from "./scale.ts";

/** Drains with each number of scorers in turns, so that whatever else the machine does hits both alike. */
export async function measureThroughput(
  { servers, log, signal }: Bench,
  subject: Subject,
  { scorers: counts, repetitions, ...amount }: DrainScale,
): Promise<Throughput[]> {
  const drains: Drain[][] = counts.map(() => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [index, count] of counts.entries()) {
      const plan = { ...subject, ...amount, count };
      drains[index]!.push(await onBlankSlate(servers, log, (slate) => measureDrain(slate, plan, signal)));
    }
  }
  return counts.map((scorers, index) => ({ scorers, ...summarize(drains[index]!) }));
}

function summarize(drains: readonly Drain[]): Omit<Throughput, "scorers"> {
  const of = (pick: (drain: Drain) => number) => median(drains.map(pick));
  return {
    applicationsPerSecond: of((drain) => drain.applicationsPerSecond),
    repetitions: drains.map((drain) => drain.applicationsPerSecond),
    cpuMicros: {
      scorers: of(({ cpuMicros }) => cpuMicros.scorers),
      broker: of(({ cpuMicros }) => cpuMicros.broker),
      database: of(({ cpuMicros }) => cpuMicros.database),
    },
    scorerRssMb: Math.max(...drains.map(({ scorerRssMb }) => scorerRssMb)),
    otherCores: of(({ otherCores }) => otherCores),
  };
}
