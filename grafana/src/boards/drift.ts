import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { board } from "../board.ts";
import { LIMITS, MARKS } from "../limits.ts";
import { PAGES } from "../pages.ts";
import { bars } from "../panels/bars.ts";
import { stateTimeline } from "../panels/state-timeline.ts";
import { timeSeries } from "../panels/time-series.ts";
import { perSecond, shareOfAll } from "../promql.ts";
import { COLOUR, UNIT } from "../style.ts";
import { newestOf, verdictOf } from "./drift-queries.ts";

export function drift(): Dashboard {
  return board(PAGES.drift, [
    { title: "Verdict", panels: verdict() },
    { title: "Features", panels: features() },
    { title: "Data quality", panels: quality() },
    { title: "Is the verdict to be trusted?", panels: trust() },
  ]);
}

const verdict = () => [
  timeSeries({
    title: "Drift score",
    description: "Share of the features' importance that drifted in the last verdict. At the upper line retrain.",
    unit: UNIT.number,
    width: 6,
    queries: [{ expression: verdictOf("plumbline_drift_score"), legend: "{{model}}" }],
    limits: [LIMITS.driftWarning, LIMITS.driftCritical],
    max: 1,
  }),
  timeSeries({
    title: "Drifted features",
    description: "Share of the features that drifted in the last verdict, whatever their importance.",
    unit: UNIT.share,
    width: 6,
    queries: [{ expression: verdictOf("plumbline_drift_drifted_feature_ratio"), legend: "{{model}}" }],
    limits: [LIMITS.driftedFeatures],
    max: 1,
  }),
  timeSeries({
    title: "PSI of the scores",
    description: "Population stability index of the scores in the sliding window: what drift does to the output.",
    unit: UNIT.number,
    width: 6,
    queries: [{ expression: verdictOf("plumbline_drift_score_psi"), legend: "{{model}}" }],
    limits: [LIMITS.scorePsi],
  }),
  timeSeries({
    title: "Approval rate less the reference's",
    description: "How far decisions are from what the model's reference would lead to, in the sliding window.",
    unit: UNIT.share,
    width: 6,
    queries: [{ expression: verdictOf("plumbline_drift_approval_rate_delta"), legend: "{{model}}" }],
    limits: [LIMITS.approvalShift],
    isSigned: true,
    more: PAGES.model,
  }),
];

const features = () => [
  bars({
    title: "PSI by feature, now",
    description: "Population stability index in the sliding window. 0.1 is a shift to look at, 0.25 a large one.",
    unit: UNIT.number,
    width: 8,
    height: 10,
    queries: [
      { expression: `sort_desc(max by (feature) ${newestOf("plumbline_drift_feature_psi")})`, legend: "{{feature}}" },
    ],
    limits: [MARKS.featurePsiWarning, LIMITS.featurePsi],
    none: "no window yet",
  }),
  timeSeries({
    title: "PSI by feature",
    description:
      "Population stability index in the sliding window. A step is a change upstream, a slope a change of people.",
    unit: UNIT.number,
    width: 16,
    height: 10,
    queries: [{ expression: `max by (feature) ${newestOf("plumbline_drift_feature_psi")}`, legend: "{{feature}}" }],
    limits: [MARKS.featurePsiWarning, LIMITS.featurePsi],
    hasTable: true,
  }),
  stateTimeline({
    title: "Verdict by feature",
    description: "What the last verdict says of each feature; it needs the tests and the size of the shift to agree.",
    unit: UNIT.number,
    width: 24,
    height: 10,
    queries: [{ expression: `max by (feature) ${newestOf("plumbline_drift_feature_drifted")}`, legend: "{{feature}}" }],
    states: {
      0: { text: "none", color: COLOUR.good },
      1: { text: "warning", color: COLOUR.warning },
      2: { text: "critical", color: COLOUR.critical },
    },
    none: "no verdict yet",
  }),
];

const MISSING = "plumbline:feature:missing_ratio_rate15m";

const ofScored = (counter: string) =>
  shareOfAll(perSecond(counter, "feature"), perSecond('plumbline_applications_total{outcome="scored"}'));

const quality = () => [
  timeSeries({
    title: "Missing",
    description: "Share of scored applications in which the feature is absent; many are by nature. A step is not.",
    unit: UNIT.share,
    width: 12,
    queries: [{ expression: ofScored("plumbline_feature_missing_total"), legend: "{{feature}}" }],
    hasTable: true,
  }),
  timeSeries({
    title: "Missing more often than the day before",
    description:
      "The share in which the feature is absent less its mean of the day before: what FeatureMissingHigh watches.",
    unit: UNIT.share,
    width: 12,
    queries: [
      {
        expression: `${MISSING} - avg_over_time(${MISSING}[1d] offset 1h)`,
        legend: "{{feature}}",
      },
    ],
    limits: [LIMITS.missingMore],
    isSigned: true,
    hasTable: true,
  }),
  timeSeries({
    title: "Out of range",
    description: "Share of scored applications in which the feature lies outside the manifest's range: units, typos.",
    unit: UNIT.share,
    width: 12,
    queries: [{ expression: ofScored("plumbline_feature_out_of_range_total"), legend: "{{feature}}" }],
    hasTable: true,
  }),
  timeSeries({
    title: "Unseen categories",
    description: "Share of scored applications whose category the model never saw: a new product or a new spelling.",
    unit: UNIT.share,
    width: 12,
    queries: [{ expression: ofScored("plumbline_feature_unseen_total"), legend: "{{feature}}" }],
    hasTable: true,
  }),
];

const trust = () => [
  timeSeries({
    title: "Applications in the window",
    description: "Applications that the sliding window holds. Too few, and there is no verdict.",
    unit: UNIT.count,
    width: 6,
    queries: [{ expression: "max by (model) (plumbline_drift_window_applications)", legend: "{{model}}" }],
  }),
  timeSeries({
    title: "Age of the last report",
    description:
      "Time since the last report was made. Beyond the line the monitor is stale, and silence is no comfort.",
    unit: UNIT.seconds,
    width: 6,
    queries: [
      {
        expression: "time() - max by (model) (plumbline_drift_last_report_timestamp_seconds)",
        legend: "{{model}}",
      },
    ],
    limits: [LIMITS.driftStale],
  }),
  timeSeries({
    title: "Late applications",
    description: "Applications per minute that came after their window's report: clocks, or a replay of old files.",
    unit: UNIT.perMinute,
    width: 6,
    queries: [
      { expression: `60 * ${perSecond("plumbline_drift_late_applications_total", "model")}`, legend: "{{model}}" },
    ],
  }),
  timeSeries({
    title: "Observations waiting",
    description: "Observations that the drift consumer hasn't taken yet. Rising: its verdicts fall behind.",
    unit: UNIT.count,
    width: 6,
    queries: [{ expression: 'max(plumbline_consumer_pending{consumer="drift"})', legend: "waiting" }],
  }),
];
