import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { COLOUR } from "../style.ts";
import { type Frame, framed, type Placed } from "./frame.ts";

type Tile = Frame & {
  /** Shown where there is no sample. */
  readonly none: string;
  /** The legend in place of the value. */
  readonly isName?: boolean;
  readonly decimals?: number;
};

const HEIGHT = 4;

/** One number of now, on a ground that is coloured by the limits; neutral where it has none. */
export function tile(spec: Tile): Placed {
  const builder = new PanelBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(spec.limits === undefined ? BigValueColorMode.Value : BigValueColorMode.Background)
    .textMode(spec.isName === true ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false))
    .noValue(spec.none);
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  const calm = spec.limits === undefined ? COLOUR.neutral : COLOUR.good;
  return framed(builder, spec, { height: HEIGHT, asking: "newest", calm });
}
