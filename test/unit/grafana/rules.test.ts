import { describe, expect, it } from "vitest";
import { dashboards } from "../../../grafana/src/dashboards.ts";
import { LIMITS } from "../../../grafana/src/limits.ts";
import { panelExpressions } from "../../../grafana/src/panel-expressions.ts";
import { parsePromql } from "../../support/promql.ts";
import { alertRules, recordingRules } from "../../support/rule-files.ts";

const expressions = panelExpressions(dashboards(), { rateInterval: "1m", range: "1h" });
const alerts = alertRules();
const records = recordingRules();

/** Alerts whose condition isn't a number that a line could be drawn at, and where one sees it. */
const WITHOUT_LINE = {
  ScoringStalled: "Pipeline: Waiting, while Applications by outcome is 0",
  NatsDisconnected: "Pipeline: Connection to the broker",
  DatabaseErrors: "Pipeline: Failed statements, any at all",
  ModelVersionSkew: "Model & decisions: Bundles live in one rollout",
  RoleAbsent: "Overview: Roles absent",
  RoleNotReady: "Runtime & infrastructure: Processes that are ready",
  AlertmanagerUnreachable: "Errors: Alertmanager and Watchdog",
  Watchdog: "Errors: Alertmanager and Watchdog",
};

describe("dashboards and rules agree:", () => {
  it("every line that a panel draws is a number of its rule, and one of a page's is critical", () => {
    const faults = Object.entries(LIMITS).flatMap(([name, limit]) => {
      const value = "above" in limit ? limit.above : "below" in limit ? limit.below : limit.beyond;
      const isOf = ({ expr }: { expr: string }) => parsePromql(expr).numbers.includes(value);
      const rings = alerts.filter((rule) => rule.alert === limit.rule && isOf(rule));
      const isRecorded = records.some((rule) => rule.record === limit.rule && isOf(rule));
      if (rings.length === 0 && !isRecorded) return [`${name}: ${limit.rule} has no ${value}`];
      const pages = rings.some(({ labels }) => labels.severity === "page");
      return pages && limit.level !== "critical" ? [`${name}: ${limit.rule} pages at ${value}`] : [];
    });
    expect(faults).toEqual([]);
  });

  it("every alert has a line on a panel, or a panel that shows its state", () => {
    const drawn = [...Object.values(LIMITS).map(({ rule }) => rule), ...Object.keys(WITHOUT_LINE)];
    expect([...new Set(alerts.map(({ alert }) => alert))].filter((alert) => !drawn.includes(alert))).toEqual([]);
    const titles = new Set(expressions.map(({ panel }) => panel));
    const places = Object.values(WITHOUT_LINE).map((place) => place.replace(/^.*?: /, "").replace(/,.*$/, ""));
    expect(places.filter((title) => !titles.has(title))).toEqual([]);
  });

  it("every alert names a dashboard that there is", () => {
    const addresses = dashboards().map(({ uid }) => `/d/${uid}`);
    expect(alerts.filter(({ annotations }) => !addresses.includes(annotations.dashboard!))).toEqual([]);
  });

  it("every recorded series in a panel is recorded by a rule", () => {
    const recorded = new Set(records.map(({ record }) => record));
    const named = new Set(expressions.flatMap(({ expression }) => parsePromql(expression).names));
    const series = [...named].filter((name) => name.includes(":"));
    expect(series).toContain("plumbline:objective:availability");
    expect(series.filter((name) => !recorded.has(name))).toEqual([]);
  });

  it("every panel's expression is PromQL", () => {
    expect(expressions.filter(({ expression }) => parsePromql(expression).faults.length > 0)).toEqual([]);
  });
});
