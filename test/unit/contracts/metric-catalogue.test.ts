import { collectDefaultMetrics, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { dashboards } from "../../../grafana/src/dashboards.ts";
import { panelExpressions } from "../../../grafana/src/panel-expressions.ts";
import { METRIC_CATALOGUE } from "../../../src/contracts/metric-catalogue.ts";
import { parsePromql } from "../../support/promql.ts";
import { alertRules, recordingRules } from "../../support/rule-files.ts";

type Series = { readonly name: string; readonly labels: readonly string[] };

/** What a metric's samples are called. */
function seriesOf({ name, type, labels }: { name: string; type: string; labels: readonly string[] }): Series[] {
  if (type !== "histogram") return [{ name, labels }];
  const summed = ["_sum", "_count"].map((suffix) => ({ name: `${name}${suffix}`, labels }));
  return [{ name: `${name}_bucket`, labels: [...labels, "le"] }, ...summed];
}

const registry = new Registry();
collectDefaultMetrics({ register: registry });
const nodes = registry.getMetricsAsArray().flatMap((metric) => {
  const { name, type, labelNames = [] } = metric as unknown as { name: string; type: string; labelNames?: string[] };
  return seriesOf({ name, type, labels: labelNames });
});
const prometheus: Series[] = [
  { name: "up", labels: [] },
  { name: "scrape_duration_seconds", labels: [] },
  { name: "ALERTS", labels: ["alertname", "alertstate", "severity"] },
  { name: "ALERTS_FOR_STATE", labels: ["alertname", "severity"] },
];
const catalogued = METRIC_CATALOGUE.flatMap(seriesOf);
const known = new Map([...catalogued, ...nodes, ...prometheus].map(({ name, labels }) => [name, labels]));
/** Of every target. */
const TARGET_LABELS = ["job", "instance", "role", "host"];

/** A recorded series has of its expression's labels those that are left, and its own. */
const recorded = new Map(
  recordingRules().map(({ record, expr, labels = {} }) => [
    record,
    [...parsePromql(expr).labels, ...Object.keys(labels)],
  ]),
);

const panels = panelExpressions(dashboards(), { rateInterval: "1m", range: "1h" }).map(({ panel, expression }) => ({
  place: panel,
  expression,
}));
const rules = [
  ...alertRules().map(({ alert, expr }) => ({ place: alert, expression: expr })),
  ...recordingRules().map(({ record, expr }) => ({ place: record, expression: expr })),
];
const uses = [...panels, ...rules];

describe("the metric catalogue", () => {
  it("has every metric that a panel or a rule asks for, but for recorded ones, Node's and Prometheus' own", () => {
    const unknown = uses.flatMap(({ place, expression }) =>
      parsePromql(expression)
        .names.filter((name) => !known.has(name) && !recorded.has(name))
        .map((name) => `${place}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it("has every label that a panel or a rule groups or selects by", () => {
    const unknown = uses.flatMap(({ place, expression }) => {
      const { names, labels } = parsePromql(expression);
      const has = new Set([...names.flatMap((name) => known.get(name) ?? recorded.get(name) ?? []), ...TARGET_LABELS]);
      return labels.filter((label) => !has.has(label)).map((label) => `${place}: ${label}`);
    });
    expect(unknown).toEqual([]);
  });

  it("has no metric that neither a panel nor a rule looks at", () => {
    const used = new Set(uses.flatMap(({ expression }) => parsePromql(expression).names));
    const unused = METRIC_CATALOGUE.filter((metric) => !seriesOf(metric).some(({ name }) => used.has(name)));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });
});
