import type { DriftReport } from "../../src/contracts/drift-report.ts";
import { featureSeverity, judgeWindow } from "../../src/drift/judge-window.ts";
import type { DriftSubject } from "../../src/drift/subject.ts";
import type { Member } from "./population.ts";

/** The two rules that everybody else has, per feature of a report. */
export const USUAL_RULES = {
  "p < 0.05": ({ p_value }: DriftReport["features"][number]) => p_value < 0.05,
  "PSI > 0.1": ({ psi }: DriftReport["features"][number]) => psi > 0.1,
} as const;

/** Whether a rule calls any feature, and whether we do. */
export type Calls = {
  readonly ours: boolean;
  readonly score: boolean;
  readonly approvalRate: boolean;
  readonly severity: boolean;
  readonly pValue: boolean;
  readonly psi: boolean;
};

export function callsOf(report: DriftReport): Calls {
  const { features, score, approval_rate, severity } = report;
  return {
    ours: features.some((feature) => featureSeverity(feature) !== "none"),
    score: score !== null && score.drifted !== "none",
    approvalRate: approval_rate !== null && approval_rate.drifted !== "none",
    severity: severity !== "none",
    pValue: features.some(USUAL_RULES["p < 0.05"]),
    psi: features.some(USUAL_RULES["PSI > 0.1"]),
  };
}

const WINDOW_MS = 86_400_000;

/** Judges windows one after the other, each a list of members. */
export function judgeSequence(subject: DriftSubject, windows: Iterable<readonly Member[]>): DriftReport[] {
  const reports: DriftReport[] = [];
  for (const members of windows) {
    const counts = new Float64Array(subject.layout.width);
    for (const { slots, values } of members) {
      for (let i = 0; i < slots.length; i++) counts[slots[i]!]! += values[i]!;
    }
    const start = reports.length * WINDOW_MS;
    reports.push(
      judgeWindow(subject, {
        channel: "*",
        start,
        end: start + WINDOW_MS,
        status: "judged",
        provisional: false,
        counts,
        byChannel: new Map(),
        previous: reports.slice(-2).reverse(),
      }),
    );
  }
  return reports;
}
