import { connect } from "@nats-io/transport-node";
import { createPublisher } from "../src/platform/publisher.ts";
import { readBodies } from "./applications.ts";
import { applicationMessage } from "./preload.ts";

/**
 * A process that publishes applications at a fixed rate and notes when each one's score event comes back. Open loop:
 * an application is due at its time whether or not the ones before it have been answered, and its latency counts from
 * that time, even when this process was late to send it; a stall is so felt by all that were due during it.
 */

export type LoadPlan = {
  readonly natsUrl: string;
  readonly bodiesFile: string;
  readonly prefix: string;
  /** Applications per second, evenly spaced. */
  readonly rate: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
};

export type LoadResult = {
  /** Per application in milliseconds, from when it was due to its score event; the warm-up is left out. */
  readonly latenciesMs: Float64Array;
  /** By how many milliseconds this process itself was late, per application. */
  readonly latenessMs: Float64Array;
  /** Score events received per second, from when the first one was due to the arrival of the last. */
  readonly achievedRate: number;
  readonly missing: number;
};

/** How long the last score events may take to arrive. */
const PATIENCE_MS = 10_000;

const result = await runLoad(JSON.parse(process.argv[2]!) as LoadPlan);
process.send!(result, () => process.exit());

async function runLoad({ natsUrl, bodiesFile, prefix, rate, warmUpSeconds, seconds }: LoadPlan): Promise<LoadResult> {
  const bodies = await readBodies(bodiesFile);
  const nc = await connect({ servers: natsUrl, name: "plumbline-bench-load" });
  const publisher = createPublisher(nc);
  const warmUp = Math.round(rate * warmUpSeconds);
  const total = warmUp + Math.round(rate * seconds);
  const latencies = new Float64Array(total).fill(Number.NaN);
  const lateness = new Float64Array(total);
  const start = performance.now() + 100;
  const dueAt = (number: number) => start + (number * 1000) / rate;
  let received = 0;
  let lastReceivedAt = start;
  const done = Promise.withResolvers<void>();

  nc.subscribe(`scores.*.*.*`, {
    callback: (error, { subject }) => {
      const id = subject.slice(subject.lastIndexOf(".") + 1);
      if (error || !id.startsWith(prefix)) return;
      const number = Number(id.slice(prefix.length + 1));
      if (!Number.isNaN(latencies[number]!)) return;
      lastReceivedAt = performance.now();
      latencies[number] = lastReceivedAt - dueAt(number);
      if (++received === total) done.resolve();
    },
  });

  for (let next = 0; next < total; ) {
    const now = performance.now();
    const due = [];
    for (; next < total && dueAt(next) <= now; next++) {
      lateness[next] = now - dueAt(next);
      due.push(applicationMessage(bodies, prefix, next));
    }
    void publisher.publish(due);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.race([done.promise, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  await nc.close();
  return {
    latenciesMs: latencies.subarray(warmUp).filter((latency) => !Number.isNaN(latency)),
    latenessMs: lateness.subarray(warmUp),
    achievedRate: (received * 1000) / (lastReceivedAt - start),
    missing: total - received,
  };
}
