import { VisibilityMode } from "@grafana/grafana-foundation-sdk/common";
import {
  CellValuesBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { type Frame, framed, type Placed } from "./frame.ts";

type HeatMap = Frame & {
  /** A histogram's buckets, or one row for each series. */
  readonly rows: "buckets" | "series";
  /** Of the vertical axis; `unit` is that of the cells. */
  readonly axisUnit: string;
};

const HEIGHT = 8;
/** More columns than this are thinner than a finger, and hold too few observations each. */
const MOST_COLUMNS = 120;

/** Darker is more, each cell against the darkest one. */
export function heatMap(spec: HeatMap): Placed {
  const builder = new PanelBuilder()
    .calculate(false)
    .cellGap(1)
    .showValue(VisibilityMode.Never)
    .maxDataPoints(MOST_COLUMNS)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Oranges").exponent(0.5).steps(64))
    .yAxis(new YAxisConfigBuilder().unit(spec.axisUnit))
    .cellValues(new CellValuesBuilder().unit(spec.unit));
  return framed(builder, spec, {
    height: HEIGHT,
    asking: spec.rows === "buckets" ? "cells" : "range",
    calm: "transparent",
  });
}
