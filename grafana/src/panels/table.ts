import { TableSortByFieldStateBuilder } from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { type Frame, framed, type Placed } from "./frame.ts";

type Table = Frame & {
  /** Labels to show, and `Value`, in their order, each with its heading. Other columns are left out. */
  readonly columns: Readonly<Record<string, string>>;
  /** A heading; a dash before it is from high to low. */
  readonly sortBy: string;
  readonly none: string;
};

const HEIGHT = 7;

/** Series of now, one row each. */
export function table(spec: Table): Placed {
  const names = Object.keys(spec.columns);
  const builder = new PanelBuilder()
    .noValue(spec.none)
    .sortBy([
      new TableSortByFieldStateBuilder().displayName(spec.sortBy.replace(/^-/, "")).desc(spec.sortBy.startsWith("-")),
    ])
    .transformations([
      { id: "filterFieldsByName", options: { include: { names } } },
      {
        id: "organize",
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
          renameByName: spec.columns,
        },
      },
    ]);
  return framed(builder, spec, { height: HEIGHT, asking: "rows", calm: "transparent" });
}
