import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { edgesOf } from "../limits.ts";
import { COLOUR } from "../style.ts";
import { type Frame, framed, type Placed } from "./frame.ts";

type TimeSeries = Frame & {
  /** Areas on top of each other. */
  readonly isStacked?: boolean;
  readonly colours?: Readonly<Record<string, string>>;
  /** Legends of the lines that are to compare with: dashed and grey. */
  readonly compare?: readonly string[];
  /** Legend as a table with the newest and the highest value, for many lines. */
  readonly hasTable?: boolean;
  readonly max?: number;
  /** For times that differ by orders of magnitude: what is well stays readable beside the line. */
  readonly isLogarithmic?: boolean;
  /** Values may lie below 0. */
  readonly isSigned?: boolean;
};

const HEIGHT = 8;
/** A little further than the line, so that it isn't the axis' end. */
const beyond = (line: number) => Number((1.1 * line).toPrecision(6));

export function timeSeries(spec: TimeSeries): Placed {
  const builder = new PanelBuilder()
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(spec.isStacked === true ? 1 : 2)
    .fillOpacity(spec.isStacked === true ? 55 : 6)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .legend(legend(spec.hasTable ?? false))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (spec.isSigned !== true && spec.isLogarithmic !== true) builder.min(0);
  if (spec.isLogarithmic === true) {
    builder.scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10));
  }
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.isStacked === true) {
    builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  }
  if (spec.limits !== undefined) {
    // The axis follows the data alone, and would leave even the nearest line out while all is well.
    const edges = spec.limits.flatMap(edgesOf);
    const [above, below] = [edges.filter((edge) => edge > 0), edges.filter((edge) => edge < 0)];
    if (above.length > 0) builder.axisSoftMax(beyond(Math.min(...above)));
    if (below.length > 0) builder.axisSoftMin(beyond(Math.max(...below)));
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  for (const [name, colour] of Object.entries(spec.colours ?? {})) {
    builder.overrideByName(name, [{ id: "color", value: { mode: "fixed", fixedColor: colour } }]);
  }
  for (const name of spec.compare ?? []) {
    builder.overrideByName(name, [
      { id: "color", value: { mode: "fixed", fixedColor: COLOUR.faint } },
      { id: "custom.lineStyle", value: { fill: "dash", dash: [8, 8] } },
      { id: "custom.fillOpacity", value: 0 },
    ]);
  }
  return framed(builder, spec, { height: HEIGHT, asking: "range", calm: "transparent" });
}

function legend(isTable: boolean): VizLegendOptionsBuilder {
  const options = new VizLegendOptionsBuilder().showLegend(true);
  if (!isTable) return options.displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom);
  return options
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Right)
    .calcs(["lastNotNull", "max"])
    .sortBy("Last *")
    .sortDesc(true);
}
