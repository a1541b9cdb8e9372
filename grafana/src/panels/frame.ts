import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  ThresholdsConfigBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { type Limit, stepsOf } from "../limits.ts";
import { addressOf, type Page } from "../pages.ts";

/** Of 24 columns. */
export type Placed = { readonly width: number; readonly height: number; readonly panel: Panel };

type Query = {
  readonly expression: string;
  /** `{{label}}` is replaced. */
  readonly legend: string;
};

/** What every panel has, whatever it draws. */
export type Frame = {
  readonly title: string;
  /** What it shows, what is good, and what to do when it isn't. */
  readonly description: string;
  /** Of UNIT. */
  readonly unit: string;
  readonly width: number;
  readonly height?: number;
  readonly queries: readonly Query[];
  readonly limits?: readonly Limit[];
  /** The dashboard that a reader goes to for more. */
  readonly more?: Page;
};

/** The panel builders of the SDK have these methods in common, and no type that says so. */
type PanelBuilder = {
  title(title: string): PanelBuilder;
  description(description: string): PanelBuilder;
  datasource(reference: { type: string; uid: string }): PanelBuilder;
  links(links: DashboardLinkBuilder[]): PanelBuilder;
  unit(unit: string): PanelBuilder;
  thresholds(thresholds: ThresholdsConfigBuilder): PanelBuilder;
  targets(targets: DataqueryBuilder[]): PanelBuilder;
  build(): Panel;
};

/** Follows the variable at the top of every dashboard. */
export const DATASOURCE = { type: "prometheus", uid: `\${datasource}` };

/** Plugins migrate the options of panels that don't say of which version they are. */
const PANEL_VERSION = "11.0.0";

/** How a panel asks: over the range, for the newest sample alone, or that as rows of a table; or as a heat map's cells. */
export type Asking = "range" | "newest" | "rows" | "cells";

/** Puts what every panel has on a builder. `calm` is the colour where no limit is passed. */
export function framed(
  builder: PanelBuilder,
  frame: Frame,
  { height, asking, calm }: { height: number; asking: Asking; calm: string },
): Placed {
  builder
    .title(frame.title)
    .description(frame.description)
    .unit(frame.unit)
    .datasource(DATASOURCE)
    .thresholds(new ThresholdsConfigBuilder().steps(stepsOf(frame.limits ?? [], calm)))
    .targets(frame.queries.map((query, index) => target(query, index, asking)));
  if (frame.more !== undefined) builder.links([linkTo(frame.more)]);
  const panel = { ...builder.build(), pluginVersion: PANEL_VERSION };
  return { width: frame.width, height: frame.height ?? height, panel };
}

function target({ expression, legend }: Query, index: number, asking: Asking): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .refId(String.fromCharCode("A".charCodeAt(0) + index))
    .datasource(DATASOURCE)
    .expr(expression)
    .legendFormat(legend);
  if (asking === "range") return query.range();
  if (asking === "cells") return query.range().format(PromQueryFormat.Heatmap);
  // A range's last sample may be an hour old when its source is gone; what a tile shows is of now, or nothing.
  return asking === "rows" ? query.instant().format(PromQueryFormat.Table) : query.instant();
}

function linkTo(page: Page): DashboardLinkBuilder {
  return new DashboardLinkBuilder(page.title).type(DashboardLinkType.Link).tooltip(page.about).url(addressOf(page));
}
