import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, it } from "vitest";
import { dashboards } from "../../../grafana/src/dashboards.ts";
import { panelsOf } from "../../../grafana/src/panel-expressions.ts";
import { DATASOURCE } from "../../../grafana/src/panels/frame.ts";

const all = dashboards();
const panels = all.flatMap((dashboard) => panelsOf(dashboard).map((panel) => ({ uid: dashboard.uid!, panel })));
const faultyOnes = (isFaulty: (panel: Panel) => boolean) =>
  panels.filter(({ panel }) => isFaulty(panel)).map(({ uid, panel }) => `${uid}: ${panel.title}`);

describe("every dashboard", () => {
  it("has an address of its own, and is linked from every other", () => {
    const addresses = all.map(({ uid }) => `/d/${uid}`);
    expect(new Set(addresses).size).toBe(7);
    for (const { links } of all) expect(links?.map(({ url }) => url)).toEqual(addresses);
  });

  it("asks the one data source that its variable names", () => {
    for (const dashboard of all) {
      expect(dashboard.templating.list?.map(({ type, name }) => [type, name])).toEqual([["datasource", "datasource"]]);
      const sources = new Set<string>();
      JSON.stringify(dashboard, (key, value) => {
        if (key === "datasource") sources.add(JSON.stringify(value));
        return value;
      });
      expect([...sources]).toEqual([JSON.stringify(DATASOURCE)]);
    }
  });

  it("has panels that fill the grid's width and neither overlap nor leave it, each with an id of its own", () => {
    for (const dashboard of all) {
      expect(overlaps(dashboard)).toEqual([]);
      expect(gaps(dashboard)).toEqual([]);
      const ids = dashboard.panels!.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

describe("every panel", () => {
  it("has a title that its dashboard has once", () => {
    expect(faultyOnes(({ title }) => !title)).toEqual([]);
    for (const dashboard of all) {
      const titles = panelsOf(dashboard).map(({ title }) => title);
      expect(new Set(titles).size).toBe(titles.length);
    }
  });

  it("says in its description what it shows, and how to read it", () => {
    expect(faultyOnes(({ description }) => (description ?? "").length < 40)).toEqual([]);
  });

  it("has a unit", () => {
    expect(faultyOnes(({ fieldConfig }) => !fieldConfig?.defaults.unit)).toEqual([]);
  });

  it("asks the variable's data source in every query", () => {
    expect(faultyOnes(({ targets }) => (targets ?? []).length === 0)).toEqual([]);
    expect(faultyOnes(({ datasource }) => datasource?.uid !== DATASOURCE.uid)).toEqual([]);
  });

  it("has thresholds in ascending order, which Grafana needs", () => {
    const edges = (panel: Panel) => (panel.fieldConfig?.defaults.thresholds?.steps ?? []).slice(1).map((s) => s.value!);
    expect(
      faultyOnes((panel) => edges(panel).some((edge, index) => index > 0 && edge <= edges(panel)[index - 1]!)),
    ).toEqual([]);
  });

  it("links only to dashboards that there are", () => {
    const uids = new Set(all.map(({ uid }) => uid));
    const dead = ({ links }: Panel) =>
      (links ?? []).some(({ url }) => !uids.has(/^\/d\/([\w-]+)/.exec(url ?? "")?.[1]));
    expect(faultyOnes(dead)).toEqual([]);
  });
});

function overlaps({ panels = [] }: Dashboard): string[] {
  const taken = new Map<string, string>();
  const faults: string[] = [];
  for (const { title = "", gridPos } of panels) {
    const { x, y, w, h } = gridPos!;
    if (x + w > 24) faults.push(`${title} leaves the grid`);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        const other = taken.get(`${column},${line}`);
        if (other !== undefined) faults.push(`${title} lies on ${other}`);
        taken.set(`${column},${line}`, title);
      }
    }
  }
  return faults;
}

function gaps({ panels = [] }: Dashboard): string[] {
  const widths = new Map<number, number>();
  for (const { gridPos } of panels) widths.set(gridPos!.y, (widths.get(gridPos!.y) ?? 0) + gridPos!.w);
  return [...widths].filter(([, width]) => width !== 24).map(([y, width]) => `${width} columns at ${y}`);
}
