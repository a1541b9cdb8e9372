import {
  LegendDisplayMode,
  LegendPlacement,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { MappingType } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { type Frame, framed, type Placed } from "./frame.ts";

type StateTimeline = Frame & {
  /** Text and colour of each value. */
  readonly states: Readonly<Record<number, { readonly text: string; readonly color: string }>>;
  readonly none: string;
};

const HEIGHT = 8;

/** One bar for each series, coloured by its state; a gap where there was no sample. */
export function stateTimeline(spec: StateTimeline): Placed {
  const builder = new PanelBuilder()
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .lineWidth(0)
    .fillOpacity(85)
    .spanNulls(false)
    .noValue(spec.none)
    .mappings([{ type: MappingType.ValueToText, options: { ...spec.states } }])
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    );
  return framed(builder, spec, { height: HEIGHT, asking: "range", calm: "transparent" });
}
