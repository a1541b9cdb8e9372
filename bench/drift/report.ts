import type { Cost } from "./cost.ts";
import type { Detection } from "./detection.ts";
import type { FalseAlarms } from "./false-alarms.ts";
import type { RealDrift } from "./real-drift.ts";

export type Figures = {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string };
  readonly date: string;
  readonly falseAlarms: readonly FalseAlarms[];
  readonly detections: readonly Detection[];
  readonly realDrift: RealDrift;
  readonly cost: Cost;
};

/** The figures as Markdown tables. */
export function renderFigures({ machine, date, falseAlarms, detections, realDrift, cost }: Figures): string {
  const { cpu, cores, memoryGb, node } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGb} GiB; Node ${node}; ${date.slice(0, 10)}`,
    "Windows without drift in which something is called",
    table(
      ["windows", "n", "judged", "any feature: ours", "p < 0.05", "PSI > 0.1", "scores", "approval rate", "severity"],
      falseAlarms.map(({ windows, applications, judged, shares }) => [
        ...[windows, String(applications), String(judged), percent(shares.ours), percent(shares.pValue)],
        ...[percent(shares.psi), percent(shares.score), percent(shares.approvalRate), percent(shares.severity)],
      ]),
    ),
    "Injected shifts of one feature at n = 2,000, called within three windows",
    table(
      ["feature", "PSI", "trials", "ours", "p < 0.05", "PSI > 0.1", "ours, of others"],
      detections.map(({ feature, psi, trials, ours, pValue, psiRule, others }) => [
        ...[feature, String(psi), String(trials), percent(ours), percent(pValue), percent(psiRule), percent(others)],
      ]),
    ),
    `Real drift: ${realDrift.windows} windows of 30 days from 2010-07-01`,
    table(
      ["feature", "PSI", "exceeds from", "called from", "windows called: ours", "p < 0.05", "PSI > 0.1"],
      realDrift.features.map(({ feature, leastPsi, mostPsi, exceeded, drifted, calls }) => [
        ...[feature, `${leastPsi.toFixed(2)} to ${mostPsi.toFixed(2)}`, exceeded ?? "–", drifted ?? "–"],
        ...[String(calls.ours), String(calls.pValue), String(calls.psi)],
      ]),
    ),
    table(
      ["expected of this loan book", ""],
      realDrift.expectations.map(({ what, met }) => [what, met ? "met" : "NOT MET"]),
    ),
    "Cost",
    table(
      ["", ""],
      [
        ["features", String(cost.features)],
        ["counting one application", `${cost.observeMicros.toFixed(2)} µs`],
        [
          "merging a second's observations (20,000 applications, 2 scorers, 3 channels)",
          `${cost.mergeSecondMs.toFixed(3)} ms`,
        ],
        ["judging a window", `${cost.judgeMs.toFixed(2)} ms`],
        [
          `a drift consumer's resident memory, taking in ${cost.memory.seconds} s of it in ${cost.memory.tookSeconds.toFixed(0)} s`,
          spread(cost.memory.residentMb),
        ],
      ],
    ),
  ]
    .map((part) => `${part}\n`)
    .join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Ten of the values, evenly spread. */
function spread(values: readonly number[]): string {
  const step = Math.max(1, Math.floor(values.length / 10));
  return `${values
    .filter((_, i) => i % step === 0)
    .map((mb) => mb.toFixed(0))
    .join(" · ")} MiB, at most ${Math.max(...values).toFixed(0)} MiB`;
}
