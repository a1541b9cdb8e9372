import { expect, test } from "vitest";
import { scaleRules } from "../../../scripts/scale-rules.ts";

const RULES = `groups:
  - name: g
    interval: 1m
    rules:
      - record: plumbline:applications:error_ratio_rate5m
        expr: sum(rate(x[5m])) / avg_over_time(plumbline:feature:missing_ratio_rate15m[1d] offset 1h)
      - alert: A
        expr: plumbline:applications:error_ratio_rate1h > 14.4 and max_over_time(y[1h30m:5m]) > 300
        for: 2m
        keep_firing_for: 4m
        labels: {severity: page, burn: 3x}
        annotations: {description: "in the last 1h"}
`;

test("ranges, offsets and waits are divided; names, thresholds and texts stay", () => {
  expect(scaleRules(RULES, 60)).toBe(`groups:
  - name: g
    interval: 1000ms
    rules:
      - record: plumbline:applications:error_ratio_rate5m
        expr: sum(rate(x[5000ms])) / avg_over_time(plumbline:feature:missing_ratio_rate15m[1440000ms] offset 60000ms)
      - alert: A
        expr: plumbline:applications:error_ratio_rate1h > 14.4 and max_over_time(y[90000ms:5000ms]) > 300
        for: 2000ms
        keep_firing_for: 4000ms
        labels: {severity: page, burn: 3x}
        annotations: {description: "in the last 1h"}
`);
});

test("no window is too short for two samples, and no wait is nothing", () => {
  expect(scaleRules(RULES, 10_000)).toContain("rate(x[5000ms])");
  expect(scaleRules(RULES, 10_000)).toContain("for: 1000ms");
});

test("Alertmanager's waits are divided too", () => {
  const route = "route:\n  group_wait: 30s\n  repeat_interval: 4h\n  routes:\n    - group_interval: 5m\n";
  expect(scaleRules(route, 10)).toBe(
    "route:\n  group_wait: 3000ms\n  repeat_interval: 1440000ms\n  routes:\n    - group_interval: 30000ms\n",
  );
});
