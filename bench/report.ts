import type { Drain } from "./drain.ts";
import type { Latency } from "./latency.ts";
import type { Machine } from "./machine.ts";

/** A pipeline's throughput with so many scorers: the median repetition, and all of them. */
export type Throughput = Drain & { readonly scorers: number; readonly repetitions: readonly number[] };

/** What `--json` writes. Rates are per second; each part is measured alone. */
export type Report = {
  readonly machine: Machine;
  readonly date: string;
  readonly quick: boolean;
  readonly parts: Readonly<Record<string, number>>;
  /** The faster number of scorers. */
  readonly endToEnd: { readonly applicationsPerSecond: number; readonly scorers: number };
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
  readonly memory: { readonly scorerRssMb: number };
  /** The same pipeline with a model of 189 features. */
  readonly wide: {
    readonly features: number;
    readonly parts: Readonly<Record<string, number>>;
    readonly endToEnd: { readonly applicationsPerSecond: number; readonly scorers: number };
    readonly throughput: readonly Throughput[];
  };
};

/** The report as a table for people. */
export function renderReport(report: Report): string {
  const { machine, parts, throughput, latency, memory, wide } = report;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GiB; Linux ${machine.linux}; Node ${machine.node}; ` +
      `nats-server ${machine.natsServer}; PostgreSQL ${machine.postgres}`,
    section("Each part alone, per second", partRows(parts)),
    section("The whole pipeline, draining a full stream", throughputRows(throughput)),
    section("Latency, from when an application was due to its score event", latencyRows(latency)),
    section("Memory", [["a scorer, at most", `${whole(memory.scorerRssMb)} MiB`]]),
    section(`${wide.features} features: each part alone, per second`, partRows(wide.parts)),
    section(`${wide.features} features: the whole pipeline`, throughputRows(wide.throughput)),
    report.quick ? "A quick run: its figures mean nothing.\n" : "",
  ].join("\n");
}

function partRows(parts: Readonly<Record<string, number>>): string[][] {
  return Object.entries(parts).map(([name, rate]) => [name.replace(/PerSecond$/, ""), whole(rate)]);
}

function throughputRows(throughput: readonly Throughput[]): string[][] {
  return throughput.map(({ scorers, applicationsPerSecond, repetitions, cpuMicros, scorerRssMb, otherCores }) => [
    `${scorers} ${scorers === 1 ? "scorer" : "scorers"}`,
    `${whole(applicationsPerSecond)}/s`,
    `(${repetitions.map(whole).join(", ")})`,
    `CPU per application: scorers ${whole(cpuMicros.scorers)} µs, broker ${whole(cpuMicros.broker)} µs, database ${whole(cpuMicros.database)} µs;`,
    `${whole(scorerRssMb)} MiB;`,
    `other programs: ${otherCores.toFixed(2)} cores`,
  ]);
}

function latencyRows(latency: readonly Latency[]): string[][] {
  return latency.map(({ rate, achievedRate, p50Ms, p99Ms, p999Ms, generatorLateP99Ms, otherCores }) => [
    `${whole(rate)}/s`,
    `achieved ${whole(achievedRate)}/s`,
    `p50 ${tenth(p50Ms)} ms`,
    `p99 ${tenth(p99Ms)} ms`,
    `p99.9 ${tenth(p999Ms)} ms`,
    `(generator late: p99 ${tenth(generatorLateP99Ms)} ms)`,
    `other programs: ${otherCores.toFixed(2)} cores`,
  ]);
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd());
  return `\n${title}\n${lines.join("\n")}`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function tenth(value: number): string {
  return value.toFixed(1);
}
