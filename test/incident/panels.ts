import { dashboards } from "../../grafana/src/dashboards.ts";
import { panelExpressions } from "../../grafana/src/panel-expressions.ts";
import { hasMoved, type PanelSample, samplePanels } from "../../grafana/src/panel-samples.ts";
import { scaleRules } from "../../scripts/scale-rules.ts";
import { FASTER } from "./monitors.ts";

/** With a scrape a second. */
const EXPRESSIONS = panelExpressions(dashboards(), {
  rateInterval: "10s",
  range: "5m",
  rewrite: (expression) => scaleRules(expression, FASTER),
});

/** What every panel shows, by the name of the moment. */
export type PanelRecord = Map<string, readonly PanelSample[]>;

export async function samplePanelsNow(record: PanelRecord, moment: string, prometheusUrl: string): Promise<void> {
  record.set(moment, await samplePanels(prometheusUrl, EXPRESSIONS));
}

export type PanelLine = {
  readonly dashboard: string;
  readonly panel: string;
  readonly expression: string;
  readonly before: PanelSample;
  /** The moment in which it had moved most, and what it showed. */
  readonly moment: string;
  readonly during: PanelSample;
  readonly moved: boolean;
  /** Samples that were refused or not finite, over all moments. */
  readonly faults: readonly string[];
};

/** Compares every panel at the first moment with the one in which it had moved most. */
export function panelLines(record: PanelRecord): PanelLine[] {
  const [[, first], ...others] = [...record] as [
    [string, readonly PanelSample[]],
    ...[string, readonly PanelSample[]][],
  ];
  return first.map((before, index) => {
    const [moment, samples] = others.reduce((most, other) =>
      isFurther(before, other[1][index]!, most[1][index]!) ? other : most,
    );
    const all = [...record.values()].map((one) => one[index]!);
    return {
      dashboard: before.dashboard,
      panel: before.panel,
      expression: before.expression,
      before,
      moment,
      during: samples[index]!,
      moved: hasMoved(before, samples[index]!),
      faults: all.flatMap(({ error, notFinite }) =>
        error !== undefined ? [error] : notFinite > 0 ? ["not finite"] : [],
      ),
    };
  });
}

/** Whether `other` is further from what was before than `most`: relative to its size, or as far as that and more. */
function isFurther(before: PanelSample, other: PanelSample, most: PanelSample): boolean {
  const by = distance(before, other) - distance(before, most);
  if (Math.abs(by) > 1e-9) return by > 0;
  const rise = ({ lowest = 0, highest = 0 }: PanelSample) =>
    Math.abs(highest - (before.highest ?? 0)) + Math.abs(lowest - (before.lowest ?? 0));
  return rise(other) > rise(most);
}

/** How far a panel's figures are apart, relative to their size. */
function distance(before: PanelSample, during: PanelSample): number {
  if (!hasMoved(before, during)) return 0;
  const relative = (a = 0, b = 0) => Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 1e-9);
  return (
    relative(before.series, during.series) +
    relative(before.lowest, during.lowest) +
    relative(before.highest, during.highest)
  );
}

/** The table of all panels in Markdown. */
export function panelTable(lines: readonly PanelLine[]): string {
  const figure = (value: number | undefined) => (value === undefined ? "–" : String(Number(value.toPrecision(3))));
  const shown = ({ series, lowest, highest }: PanelSample) =>
    series === 0
      ? "no series"
      : lowest === highest
        ? figure(lowest)
        : `${figure(lowest)} … ${figure(highest)} (${series})`;
  const rows = lines.map(({ dashboard, panel, expression, before, moment, during, moved }) =>
    [
      dashboard.replace("plumbline-", ""),
      panel,
      `\`${expression.replaceAll("|", "\\|")}\``,
      shown(before),
      shown(during),
      moved ? moment : "didn't move",
    ].join(" | "),
  );
  return [
    "| dashboard | panel | expression | before | during | in |",
    "|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}
