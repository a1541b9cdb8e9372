import type { DriftReport } from "../../src/contracts/drift-report.ts";
import { judgeCells } from "../../src/drift/from-record.ts";
import { featureSeverity } from "../../src/drift/judge-window.ts";
import { createObserver } from "../../src/statistics/observe.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import type { Populations } from "./population.ts";
import { USUAL_RULES } from "./rules.ts";

export type RealDrift = {
  readonly windows: number;
  readonly features: readonly FeatureHistory[];
  readonly expectations: readonly { readonly what: string; readonly met: boolean }[];
};

type FeatureHistory = {
  readonly feature: string;
  readonly leastPsi: number;
  readonly mostPsi: number;
  /** Start of the first window in which it exceeded, or drifted; null for never. */
  readonly exceeded: string | null;
  readonly drifted: string | null;
  /** In how many windows each rule calls it. */
  readonly calls: { readonly ours: number; readonly pValue: number; readonly psi: number };
};

const FROM = "2010-07-01";
const MONTH_MS = 30 * 86_400_000;

/** The loans after the model's training, in windows of thirty days. */
export function realDrift({ subject, later }: Populations): RealDrift {
  const grid = timeGrid(Date.parse(FROM), MONTH_MS);
  const observation = createObserver(subject.manifest.features, subject.layout, grid)();
  for (const { decided } of later) observation.decision({ ...decided, receivedAt: Number.MAX_SAFE_INTEGER });
  const reports = judgeCells(subject, "*", observation.cells(), { grid, minSamples: 500 }, Number.POSITIVE_INFINITY);
  const histories = subject.reference.features.map((_, index) => historyOf(reports, index));
  return { windows: reports.length, features: histories, expectations: expectationsOf(reports, histories) };
}

function historyOf(reports: readonly DriftReport[], index: number): FeatureHistory {
  const all = reports.map(({ features, window }) => ({ feature: features[index]!, start: window.start.slice(0, 10) }));
  type One = (typeof all)[number]["feature"];
  const first = (rule: (feature: One) => boolean) => all.find(({ feature }) => rule(feature))?.start ?? null;
  const count = (rule: (feature: One) => boolean) => all.filter(({ feature }) => rule(feature)).length;
  const isDrifted = (feature: One) => featureSeverity(feature) !== "none";
  const sizes = all.map(({ feature }) => feature.psi);
  return {
    feature: all[0]!.feature.name,
    leastPsi: Math.min(...sizes),
    mostPsi: Math.max(...sizes),
    exceeded: first((feature) => feature.exceeds !== "none" || feature.missing.exceeds !== "none"),
    drifted: first(isDrifted),
    calls: { ours: count(isDrifted), pValue: count(USUAL_RULES["p < 0.05"]), psi: count(USUAL_RULES["PSI > 0.1"]) },
  };
}

/** What is known to have happened in this loan book. */
function expectationsOf(reports: readonly DriftReport[], histories: readonly FeatureHistory[]) {
  const of = (name: string) => histories.find(({ feature }) => feature === name)!;
  // The first window that persistence allows to be called is the second one.
  const second = reports[1]!.window.start.slice(0, 10);
  const early = ["income_verification", "term_months", "bankruptcies"];
  const never = ["annual_income", "delinquencies_2y", "public_records"];
  const late = ["revolving_balance", "revolving_utilization"];
  return [
    ...early.map((name) => ({ what: `${name} is called in the second window`, met: of(name).drifted === second })),
    { what: "purpose is called in 2010", met: (of("purpose").drifted ?? "9") < "2011" },
    { what: "inquiries_6m is called by March 2011", met: (of("inquiries_6m").drifted ?? "9") < "2011-04" },
    ...never.map((name) => ({ what: `${name} is never called`, met: of(name).drifted === null })),
    ...late.map((name) => ({
      what: `${name} exceeds before it is called, not before November 2011`,
      met: (of(name).exceeded ?? "9") >= "2011-11" && of(name).drifted !== of(name).exceeded,
    })),
  ];
}
