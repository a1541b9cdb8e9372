import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  type RowPanel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PAGES, type Page } from "./pages.ts";
import { DATASOURCE, type Placed } from "./panels/frame.ts";
import { COLOUR } from "./style.ts";

export type Row = { readonly title: string; readonly panels: readonly Placed[] };

const COLUMNS = 24;
/** Of Grafana 11; newer ones bring it up to theirs, while Grafana 11 would refuse to know a newer one. */
const SCHEMA_VERSION = 39;

/** A dashboard as Grafana stores it, with what all have in common: variable, links, alerts as annotations, layout. */
export function board(page: Page, rows: readonly Row[]): Dashboard {
  const dashboard = new DashboardBuilder(`Plumbline: ${page.title}`)
    .uid(page.uid)
    .description(page.about)
    .tags(["plumbline"])
    .timezone("browser")
    .time({ from: "now-1h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([
      new DatasourceVariableBuilder("datasource")
        .label("Data source")
        .type("prometheus")
        .current({ selected: true, text: "default", value: "default" }),
    ])
    .annotations([
      new AnnotationQueryBuilder()
        .name("Alerts that page")
        .datasource(DATASOURCE)
        .enable(true)
        .iconColor(COLOUR.critical)
        .expr('ALERTS{alertstate="firing", severity="page"}')
        .step("60s")
        .titleFormat("{{alertname}}")
        .tagKeys("severity"),
    ])
    .links(Object.values(PAGES).map(linkTo))
    .build();
  return withoutPlacement({ ...dashboard, schemaVersion: SCHEMA_VERSION, panels: laidOut(rows) });
}

/** The SDK's builders hide every link and annotation in a menu, which has no other value to choose. */
function withoutPlacement(dashboard: Dashboard): Dashboard {
  return JSON.parse(JSON.stringify(dashboard, (key, value) => (key === "placement" ? undefined : value)));
}

function linkTo({ uid, title, about }: Page): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon("dashboard")
    .tooltip(about)
    .url(`/d/${uid}`)
    .keepTime(true)
    .includeVars(true);
}

/** Left to right, wrapped at the full width; the panels of a line are as high as its highest. */
function laidOut(rows: readonly Row[]): (Panel | RowPanel)[] {
  const panels: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      type: "row",
      id: panels.length + 1,
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    for (const line of linesOf(row.panels)) {
      const height = Math.max(...line.map((placed) => placed.height));
      let x = 0;
      for (const { panel, width } of line) {
        panels.push({ ...panel, id: panels.length + 1, gridPos: { x, y, w: width, h: height } });
        x += width;
      }
      y += height;
    }
  }
  return panels;
}

function linesOf(panels: readonly Placed[]): Placed[][] {
  const lines: Placed[][] = [];
  let used = COLUMNS;
  for (const panel of panels) {
    if (used + panel.width > COLUMNS) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)!.push(panel);
    used += panel.width;
  }
  return lines;
}
