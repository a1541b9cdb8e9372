import { useClock } from "../../live/clock.ts";
import { connectionOf } from "../../live/connection.ts";
import { statusReading } from "../../live/status.ts";
import { Loading } from "../../parts/states.tsx";
import { useStore } from "../../use-store.ts";
import { DecisionMixPanel } from "./decision-mix-panel.tsx";
import { FiringPanel } from "./firing-panel.tsx";
import { HealthCard } from "./health-card.tsx";
import { LatencyPanel } from "./latency-panel.tsx";
import { LatestDecisions } from "./latest-decisions.tsx";
import { MovedPanel } from "./moved-panel.tsx";
import { ThroughputPanel } from "./throughput-panel.tsx";
import { WorldCard } from "./world-card.tsx";

/** Two answers in five seconds: is the system healthy, and has the world moved? What they rest on is below. */
export function OverviewView() {
  const reading = useStore(statusReading);
  const connection = connectionOf(reading, useClock());
  const { status } = reading;
  if (status === null) {
    return (
      <>
        <h1 class="sr-only">Overview</h1>
        <section class="panel">
          <Loading what="the state of the system" rows={6} />
        </section>
      </>
    );
  }
  const isNow = connection.kind === "live";
  return (
    <>
      <h1 class="sr-only">Overview</h1>
      <div class="verdicts">
        <HealthCard connection={connection} status={status} />
        <WorldCard status={status} isNow={isNow} />
      </div>
      <FiringPanel isNow={isNow} firing={status.alerts?.firing ?? null} />
      <div class="thirds">
        <ThroughputPanel series={status.live.series} />
        <LatencyPanel series={status.live.series} />
        <DecisionMixPanel status={status} />
      </div>
      <div class="feed-and-moved">
        <LatestDecisions />
        <MovedPanel />
      </div>
    </>
  );
}
