import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";

export type PanelExpression = {
  /** The dashboard's uid. */
  readonly dashboard: string;
  readonly panel: string;
  /** With Grafana's variables substituted. */
  readonly expression: string;
};

/** What Grafana would put for its variables, as durations of Prometheus. */
export type Windows = {
  /** `$__rate_interval`: four scrape intervals at least. */
  readonly rateInterval: string;
  /** `$__range`: the time range that is looked at. */
  readonly range: string;
  /** Rewrites the rest, for rules whose windows are shortened: a panel that asks for their [1d] has to ask for the same. */
  readonly rewrite?: (expression: string) => string;
};

/** Every expression of every panel, and of the annotations, as Grafana would send it. */
export function panelExpressions(dashboards: readonly Dashboard[], windows: Windows): PanelExpression[] {
  return dashboards.flatMap((dashboard) => {
    const uid = dashboard.uid ?? "";
    const annotations = dashboard.annotations.list ?? [];
    return [
      ...panelsOf(dashboard).flatMap((panel) =>
        (panel.targets ?? []).map((target) => ({
          dashboard: uid,
          panel: panel.title ?? "",
          expression: substituted((target as { expr?: string }).expr ?? "", windows),
        })),
      ),
      ...annotations.map(({ name, expr }) => ({
        dashboard: uid,
        panel: `annotation: ${name}`,
        expression: substituted(expr ?? "", windows),
      })),
    ];
  });
}

/** Without the rows, which draw nothing. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return (panels ?? []).filter((panel): panel is Panel => panel.type !== "row");
}

function substituted(expression: string, { rateInterval, range, rewrite }: Windows): string {
  const rewritten = rewrite?.(expression) ?? expression;
  return rewritten.replaceAll("$__rate_interval", rateInterval).replaceAll("$__range", range);
}
