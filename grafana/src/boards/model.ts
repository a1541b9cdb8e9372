import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { board } from "../board.ts";
import { MARKS } from "../limits.ts";
import { PAGES } from "../pages.ts";
import { heatMap } from "../panels/heat-map.ts";
import { table } from "../panels/table.ts";
import { tile } from "../panels/tile.ts";
import { timeSeries } from "../panels/time-series.ts";
import { buckets, perSecond, quantile, share, shareOfAll } from "../promql.ts";
import { COLOUR, UNIT } from "../style.ts";

/** Edges of the shipped policy's risk bands, which are edges of the score's histogram too. */
const LOW_BELOW = "0.12";
const HIGH_FROM = "0.25";

const DECISION_COLOURS = { approve: COLOUR.approve, refer: COLOUR.refer, decline: COLOUR.decline };
const APPROVED = 'plumbline_decisions_total{decision="approve"}';

export function model(): Dashboard {
  return board(PAGES.model, [
    { title: "What is live", panels: live() },
    { title: "Decisions", panels: decisions() },
    { title: "Scores", panels: scores() },
  ]);
}

const live = () => [
  table({
    title: "Live models",
    description:
      "What each scorer has loaded, counted. Two rows of one rollout: scorers were not all restarted (ModelVersionSkew).",
    unit: UNIT.count,
    width: 12,
    height: 6,
    queries: [{ expression: "count by (model, version, rollout, sha256) (plumbline_model_info)", legend: "" }],
    columns: { model: "Model", version: "Version", rollout: "Rollout", sha256: "SHA-256", Value: "Scorers" },
    sortBy: "-Scorers",
    none: "No scorer is up",
  }),
  tile({
    title: "Approval rate",
    description: "Share of new decisions that approve, in the last minutes.",
    unit: UNIT.share,
    width: 4,
    height: 6,
    queries: [{ expression: share(perSecond(APPROVED), perSecond("plumbline_decisions_total")), legend: "now" }],
    none: "no decisions",
    decimals: 1,
  }),
  tile({
    title: "Reference approval rate",
    description: "What the live policy approves of the applications that the model's reference profile was made from.",
    unit: UNIT.share,
    width: 4,
    height: 6,
    queries: [
      { expression: "max by (model, version) (plumbline_reference_approval_rate)", legend: "{{model}} {{version}}" },
    ],
    none: "no reference",
    decimals: 1,
  }),
  tile({
    title: "Bundles live in one rollout",
    description: "1 is well. More: a deployment is half done, or a scorer has an old bundle (ModelVersionSkew).",
    unit: UNIT.count,
    width: 4,
    height: 6,
    queries: [
      {
        expression: "max(count by (model, rollout) (count by (model, rollout, version) (plumbline_model_info == 1)))",
        legend: "bundles",
      },
    ],
    limits: [MARKS.several],
    none: "no scorer",
  }),
];

const decisions = () => [
  timeSeries({
    title: "Decisions",
    description: "Shares of approve, refer and decline among new decisions. A step without a new policy is drift.",
    unit: UNIT.share,
    width: 8,
    queries: [
      {
        expression: shareOfAll(
          perSecond("plumbline_decisions_total", "decision"),
          perSecond("plumbline_decisions_total"),
        ),
        legend: "{{decision}}",
      },
    ],
    isStacked: true,
    colours: DECISION_COLOURS,
    max: 1,
  }),
  timeSeries({
    title: "Approval rate against the reference",
    description: "Dashed: what the policy approves of the reference. Apart for long: see Drift.",
    unit: UNIT.share,
    width: 8,
    queries: [
      {
        expression: share(
          perSecond(APPROVED, "model", "version"),
          perSecond("plumbline_decisions_total", "model", "version"),
        ),
        legend: "{{model}} {{version}}",
      },
      { expression: "max(plumbline_reference_approval_rate)", legend: "reference" },
    ],
    compare: ["reference"],
    max: 1,
    more: PAGES.drift,
  }),
  timeSeries({
    title: "Approval rate by channel",
    description: "A channel apart from the others brings other applicants, or faulty applications.",
    unit: UNIT.share,
    width: 8,
    queries: [
      {
        expression: share(perSecond(APPROVED, "channel"), perSecond("plumbline_decisions_total", "channel")),
        legend: "{{channel}}",
      },
    ],
    max: 1,
  }),
  timeSeries({
    title: "Decisions by channel",
    description: "New decisions per second by where applications come from. A channel that ends is an upstream fault.",
    unit: UNIT.perSecond,
    width: 12,
    queries: [{ expression: perSecond("plumbline_decisions_total", "channel"), legend: "{{channel}}" }],
    isStacked: true,
  }),
  timeSeries({
    title: "Decisions by version",
    description: "New decisions per second by model and version: a change of model as it takes hold.",
    unit: UNIT.perSecond,
    width: 12,
    queries: [
      { expression: perSecond("plumbline_decisions_total", "model", "version"), legend: "{{model}} {{version}}" },
    ],
    isStacked: true,
  }),
];

const belowEdge = (edge: string) => perSecond(`plumbline_score_bucket{le="${edge}"}`);
const allScores = perSecond("plumbline_score_count");

const scores = () => [
  heatMap({
    title: "Scores over time",
    description:
      "Scores (probabilities of default) as they come. A band that moves or splits: new applicants or model.",
    unit: UNIT.count,
    axisUnit: UNIT.number,
    rows: "buckets",
    width: 8,
    queries: [{ expression: buckets("plumbline_score"), legend: "{{le}}" }],
  }),
  timeSeries({
    title: "Risk bands",
    description: `Shares of scores by the shipped policy's bands: low below ${LOW_BELOW}, high from ${HIGH_FROM}.`,
    unit: UNIT.share,
    width: 8,
    queries: [
      { expression: share(belowEdge(LOW_BELOW), allScores), legend: "low" },
      { expression: share(`(${belowEdge(HIGH_FROM)} - ${belowEdge(LOW_BELOW)})`, allScores), legend: "medium" },
      { expression: share(`(${allScores} - ${belowEdge(HIGH_FROM)})`, allScores), legend: "high" },
    ],
    isStacked: true,
    max: 1,
    colours: { low: COLOUR.approve, medium: COLOUR.refer, high: COLOUR.decline },
  }),
  timeSeries({
    title: "Score quantiles by version",
    description: "The middle and the upper end of the scores of each version and rollout.",
    unit: UNIT.number,
    width: 8,
    queries: [
      {
        expression: quantile(0.5, "plumbline_score", "model", "version", "rollout"),
        legend: "p50 {{model}} {{version}} {{rollout}}",
      },
      {
        expression: quantile(0.9, "plumbline_score", "model", "version", "rollout"),
        legend: "p90 {{model}} {{version}} {{rollout}}",
      },
    ],
  }),
];
