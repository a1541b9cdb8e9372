import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../../src/app/environment.ts";

const read = (file: string) => parse(readFileSync(join(ROOT, "grafana/provisioning", file), "utf8"));

test("Prometheus is the data source that dashboards take by default, and can't be edited away", () => {
  const { datasources } = read("datasources/plumbline.yml") as { datasources: Record<string, unknown>[] };
  expect(datasources.map(({ type }) => type)).toEqual(["prometheus", "loki", "alertmanager"]);
  expect(datasources.filter(({ isDefault }) => isDefault === true).map(({ type }) => type)).toEqual(["prometheus"]);
  expect(datasources.filter(({ editable }) => editable !== false)).toEqual([]);
});

test("Grafana steps as finely as Prometheus scrapes", () => {
  const { datasources } = read("datasources/plumbline.yml");
  const scraped = parse(readFileSync(join(ROOT, "prometheus/prometheus.yml"), "utf8")).global.scrape_interval;
  expect(datasources[0].jsonData.timeInterval).toBe(scraped);
});

test("the dashboards come from files, and the page can't save over them", () => {
  const { providers } = read("dashboards/plumbline.yml");
  expect(providers).toMatchObject([{ type: "file", allowUiUpdates: false, disableDeletion: true }]);
  expect(existsSync(join(ROOT, "grafana/dashboards/plumbline-overview.json"))).toBe(true);
});
