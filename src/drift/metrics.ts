import { Counter, Gauge, type Registry } from "prom-client";
import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import { featureSeverity } from "./judge-window.ts";

export type DriftMetrics = ReturnType<typeof createDriftMetrics>;

/** The drift consumer's metrics, of all channels together. Verdicts come from reports, the rest from the sliding view. */
export function createDriftMetrics(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `plumbline_drift_${name}`, help, labelNames, registers: [registry] });
  const featurePsi = gauge("feature_psi", "Population stability index in the sliding window.", ["model", "feature"]);
  const featureDrifted = gauge("feature_drifted", "The last verdict: 0 none, 1 warning, 2 critical.", [
    "model",
    "feature",
  ]);
  const score = gauge("score", "Share of the features' importance that drifted, in the last verdict.", ["model"]);
  const ratio = gauge("drifted_feature_ratio", "Share of the features that drifted, in the last verdict.", ["model"]);
  const scorePsi = gauge("score_psi", "Population stability index of the scores in the sliding window.", ["model"]);
  const approval = gauge("approval_rate_delta", "Approval rate of the sliding window less the reference's.", ["model"]);
  const size = gauge("window_applications", "Applications in the sliding window.", ["model"]);
  const lastReport = gauge("last_report_timestamp_seconds", "When the last report was made.", ["model"]);
  const late = new Counter({
    name: "plumbline_drift_late_applications_total",
    help: "Applications that came after the window they belong to had been reported.",
    labelNames: ["model"],
    registers: [registry],
  });
  /** Of the windows whose verdict is shown. */
  const newestEnd = new Map<string, string>();
  const LEVEL = { none: 0, warning: 1, critical: 2 } as const;

  return {
    knows: (model: string) => late.inc({ model }, 0),
    isLate: (model: string, applications: number) => late.inc({ model }, applications),
    /** `at` in milliseconds since 1970. */
    reported(report: DriftReport, at: number): void {
      if (report.channel !== ALL_CHANNELS) return;
      const model = report.model.name;
      late.inc({ model }, 0);
      lastReport.set({ model }, at / 1000);
      // A correction of an old window is no news of today's.
      const isOlder = report.window.end < (newestEnd.get(model) ?? "");
      if (report.status !== "judged" || isOlder) return;
      newestEnd.set(model, report.window.end);
      score.set({ model }, report.drift_score);
      ratio.set({ model }, report.drifted_feature_ratio);
      for (const feature of report.features) {
        featureDrifted.set({ model, feature: feature.name }, LEVEL[featureSeverity(feature)]);
      }
    },
    slid(report: DriftReport): void {
      if (report.channel !== ALL_CHANNELS) return;
      const model = report.model.name;
      size.set({ model }, report.applications);
      for (const { name, psi } of report.features) featurePsi.set({ model, feature: name }, psi);
      if (report.score !== null) scorePsi.set({ model }, report.score.psi);
      if (report.approval_rate !== null) approval.set({ model }, report.approval_rate.difference);
    },
  };
}
