import type { SecondFigures } from "../../api/shapes.ts";
import { duration } from "../../format.ts";
import { LATENCY_OBJECTIVE_MS } from "../../health.ts";
import { Panel } from "../../parts/panel.tsx";
import { TimePlot } from "../../plots/time-plot.tsx";

export function LatencyPanel({ series }: { readonly series: readonly SecondFigures[] }) {
  const p99 = series.map(({ p99_ms }) => p99_ms);
  const worst = Math.max(0, ...p99.map((ms) => ms ?? 0));
  return (
    <Panel title="Latency" note="from receipt to decision">
      <TimePlot
        summary={`From receipt to decision over the last two minutes: 99 of 100 within ${duration(worst)} in the slowest second. The objective is ${duration(LATENCY_OBJECTIVE_MS)}.`}
        times={series.map(({ at }) => Date.parse(at) / 1000)}
        lines={[
          { label: "99 %", colour: "second", values: p99 },
          { label: "Median", colour: "current", values: series.map(({ p50_ms }) => p50_ms), dash: [5, 3] },
        ]}
        // Drawn where it is near; else it would press what there is to see against the ground.
        levels={
          worst > LATENCY_OBJECTIVE_MS / 2
            ? [{ value: LATENCY_OBJECTIVE_MS, label: `objective ${duration(LATENCY_OBJECTIVE_MS)}`, colour: "warning" }]
            : []
        }
        format={duration}
        atLeast={20}
      />
    </Panel>
  );
}
