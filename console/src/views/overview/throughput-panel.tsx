import type { SecondFigures } from "../../api/shapes.ts";
import { rate } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";
import { TimePlot } from "../../plots/time-plot.tsx";

export function ThroughputPanel({ series }: { readonly series: readonly SecondFigures[] }) {
  const scored = series.map((second) => second.scored);
  const mean = scored.reduce((a, b) => a + b, 0) / Math.max(1, scored.length);
  return (
    <Panel title="Decisions per second" note="last two minutes">
      <TimePlot
        summary={`Decisions per second over the last two minutes: ${rate(mean)} on average, ${rate(Math.max(0, ...scored))} at most.`}
        times={series.map(({ at }) => Date.parse(at) / 1000)}
        lines={[{ label: "Decided", colour: "current", values: scored, isFilled: true }]}
        format={rate}
        atLeast={5}
      />
    </Panel>
  );
}
