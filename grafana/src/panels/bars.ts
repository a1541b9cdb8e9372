import { PanelBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeValueMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import { COLOUR } from "../style.ts";
import { type Frame, framed, type Placed } from "./frame.ts";

type Bars = Frame & { readonly none: string; readonly max?: number };

const HEIGHT = 8;

/** The newest value of each series, side by side. */
export function bars(spec: Bars): Placed {
  const builder = new PanelBuilder()
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .namePlacement(BarGaugeNamePlacement.Left)
    .orientation(VizOrientation.Horizontal)
    .showUnfilled(false)
    .minVizHeight(10)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false))
    .min(0)
    .noValue(spec.none);
  if (spec.max !== undefined) builder.max(spec.max);
  const calm = spec.limits === undefined ? COLOUR.neutral : COLOUR.good;
  return framed(builder, spec, { height: HEIGHT, asking: "newest", calm });
}
