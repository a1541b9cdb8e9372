import type { ListedReport } from "../../api/shapes.ts";
import { counted } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";
import { TimePlot } from "../../plots/time-plot.tsx";
import { hrefOf, type Route } from "../../routing.ts";
import { replaceAddress } from "../../use-route.ts";

const WARNING = 0.5;
const CRITICAL = 0.7;

/** The drift score of each window; a window without a verdict leaves a gap. */
export function DriftScorePanel(props: {
  /** Newest first. */
  readonly reports: readonly ListedReport[];
  readonly shown: ListedReport;
  readonly route: Extract<Route, { view: "drift" }>;
}) {
  const { reports, shown, route } = props;
  const ordered = [...reports].sort((a, b) => Date.parse(a.window.end) - Date.parse(b.window.end));
  const position = ordered.findIndex(({ id }) => id === shown.id);
  const go = (report: ListedReport | undefined) =>
    report && replaceAddress(hrefOf({ ...route, report: String(report.id) }));
  const scores = ordered.map(({ status, drift_score }) => (status === "judged" ? drift_score : null));
  return (
    <Panel
      title="Drift score over time"
      note={`${counted(ordered.length, "window")}, each at its end`}
      aside={
        <div class="stepper">
          <button type="button" class="button" disabled={position <= 0} onClick={() => go(ordered[position - 1])}>
            Earlier window
          </button>
          <button
            type="button"
            class="button"
            disabled={position >= ordered.length - 1}
            onClick={() => go(ordered[position + 1])}
          >
            Later window
          </button>
        </div>
      }
    >
      <TimePlot
        summary={`Drift score of ${ordered.length} windows, the latest ${reports[0]?.drift_score.toFixed(2)}; a warning from ${WARNING}, critical from ${CRITICAL}.`}
        times={ordered.map(({ window }) => Date.parse(window.end) / 1000)}
        lines={[
          { label: "Drift score", colour: "current", values: scores, hasPoints: ordered.length <= 60 },
          {
            label: "Shown below",
            colour: "second",
            values: ordered.map(({ id }, index) => (id === shown.id ? (scores[index] ?? null) : null)),
            hasPoints: true,
          },
        ]}
        levels={[
          { value: WARNING, label: "warning", colour: "warning" },
          { value: CRITICAL, label: "critical", colour: "critical" },
        ]}
        format={(value) => value.toFixed(2)}
        atLeast={1}
        atMost={1.05}
        onChoose={(index) => go(ordered[index])}
      />
    </Panel>
  );
}
