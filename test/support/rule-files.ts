import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../src/app/environment.ts";

export const PROMETHEUS = join(ROOT, "prometheus");

export type AlertRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};
type RecordingRule = { readonly record: string; readonly expr: string; readonly labels?: Record<string, string> };
type RuleFile = {
  readonly groups: readonly { readonly name: string; readonly rules: (AlertRule | RecordingRule)[] }[];
};

type Expected = { readonly exp_labels: Readonly<Record<string, string>> };
export type AlertTest = { readonly alertname: string; readonly eval_time: string; readonly exp_alerts: Expected[] };
type TestFile = { readonly tests: readonly { readonly name: string; readonly alert_rule_test?: AlertTest[] }[] };

/** Paths of a folder's YAML files. */
export function yamlFiles(folder: "rules" | "tests"): string[] {
  const names = readdirSync(join(PROMETHEUS, folder)).filter((name) => name.endsWith(".yml"));
  return names.sort().map((name) => join(PROMETHEUS, folder, name));
}

function rules(): (AlertRule | RecordingRule)[] {
  const files = yamlFiles("rules").map((path) => parse(readFileSync(path, "utf8")) as RuleFile);
  return files.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
}

export function alertRules(): AlertRule[] {
  return rules().filter((rule) => "alert" in rule);
}

export function recordingRules(): RecordingRule[] {
  return rules().filter((rule) => "record" in rule);
}

/** The alerts' cases in the unit tests: each of a population of series, and what is expected of one alert at which times. */
export function alertCases(): AlertTest[][] {
  const files = yamlFiles("tests").map((path) => parse(readFileSync(path, "utf8")) as TestFile);
  return files.flatMap(({ tests }) => tests.flatMap((one) => (one.alert_rule_test ? [one.alert_rule_test] : [])));
}
