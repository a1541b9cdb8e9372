import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../src/app/environment.ts";
import { createLifecycle } from "../src/platform/lifecycle.ts";
import { createLogger } from "../src/platform/log.ts";
import { lendingClubBodies } from "./applications.ts";
import { onBlankSlate } from "./blank-slate.ts";
import type { Bench, Subject } from "./context.ts";
import { type Latency, measureLatency } from "./latency.ts";
import { describeMachine } from "./machine.ts";
import { measureParts } from "./measure-parts.ts";
import { measureThroughput } from "./measure-throughput.ts";
import type { BenchOptions } from "./options.ts";
import { type Report, renderReport, type Throughput } from "./report.ts";
import { FULL, QUICK } from "./scale.ts";
import { withScorers } from "./scorers.ts";
import { startServers } from "./servers.ts";
import { SOAK_ENVIRONMENT, soak } from "./soak.ts";
import { WIDE_FEATURES, wideBodies, writeWideBundle } from "./wide/wide-model.ts";

/** Starts the servers, measures, prints, and stops and removes everything. */
export async function bench(options: BenchOptions, signal: AbortSignal): Promise<void> {
  const log = createLogger("warn", "bench");
  const lifecycle = createLifecycle(log);
  try {
    const servers = await startServers(lifecycle, log);
    const bench: Bench = { servers, scale: options.quick ? QUICK : FULL, log, signal };
    const subject: Subject = { bundle: join(ROOT, "models/lendingclub"), bodies: await lendingClubBodies() };
    if (options.soakMinutes !== undefined) return await watchMemory(bench, subject, options.soakMinutes);
    const report = await measureAll(bench, subject);
    process.stdout.write(renderReport(report));
    if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  } finally {
    await lifecycle.stop();
  }
}

async function watchMemory({ servers, log, signal }: Bench, subject: Subject, minutes: number): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  await onBlankSlate(
    servers,
    log,
    (slate) => soak(slate, subject.bundle, subject.bodies, minutes, print, signal),
    SOAK_ENVIRONMENT,
  );
}

async function measureAll(bench: Bench, subject: Subject): Promise<Report> {
  const { servers, scale, log } = bench;
  const machine = await onBlankSlate(servers, log, describeMachine);
  progress("each part alone");
  const parts = await measureParts(bench, subject);
  progress("the whole pipeline");
  const throughput = await measureThroughput(bench, subject, scale.drain);
  progress("latency");
  const latency = await measureLatencies(bench, subject);
  progress(`the same with ${WIDE_FEATURES} features`);
  const wideSubject: Subject = { bundle: join(servers.home, "wide"), bodies: wideBodies(scale.wideBodies) };
  await writeWideBundle(wideSubject.bundle);
  const wideParts = await measureParts(bench, wideSubject);
  const wideThroughput = await measureThroughput(bench, wideSubject, scale.wideDrain);
  return {
    machine,
    date: new Date().toISOString(),
    quick: scale === QUICK,
    parts,
    endToEnd: fastest(throughput),
    throughput,
    latency,
    memory: { scorerRssMb: Math.max(...[...throughput, ...latency].map(({ scorerRssMb }) => scorerRssMb)) },
    wide: { features: WIDE_FEATURES, parts: wideParts, endToEnd: fastest(wideThroughput), throughput: wideThroughput },
  };
}

async function measureLatencies({ servers, scale, log, signal }: Bench, subject: Subject): Promise<Latency[]> {
  return onBlankSlate(servers, log, (slate) =>
    withScorers(slate, { count: 1, bundle: subject.bundle }, signal, async (scorers) => {
      const latencies: Latency[] = [];
      for (const plan of scale.latency) {
        latencies.push(await measureLatency(slate, scorers, subject.bodies, plan, signal));
      }
      return latencies;
    }),
  );
}

function fastest(throughput: readonly Throughput[]): Report["endToEnd"] {
  const { applicationsPerSecond, scorers } = throughput.reduce((best, one) =>
    one.applicationsPerSecond > best.applicationsPerSecond ? one : best,
  );
  return { applicationsPerSecond, scorers };
}

/** On standard error: standard output is the table's. */
function progress(what: string): void {
  process.stderr.write(`bench: measuring ${what}\n`);
}
