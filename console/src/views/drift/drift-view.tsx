import { readDrift, readScores } from "../../api/routes.ts";
import type { DriftPage, ListedReport } from "../../api/shapes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { driftVerdict } from "../../health.ts";
import { statusReading } from "../../live/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { hrefOf, type Route } from "../../routing.ts";
import { useStore } from "../../use-store.ts";
import { DriftScorePanel } from "./drift-score-panel.tsx";
import { FeaturesPanel } from "./features-panel.tsx";
import { ReportDetails } from "./report-details.tsx";
import { ReportHead } from "./report-head.tsx";

const PERIOD_MS = 10_000;
const WINDOWS = 60;
/** The channel of a report on all channels together. */
const ALL = "*";

type DriftRoute = Extract<Route, { view: "drift" }>;

/** Whether the applications still look like those the model was trained on; window by window, feature by feature. */
export function DriftView({ route }: { readonly route: DriftRoute }) {
  const channel = route.channel ?? ALL;
  const verdictAt = useStore(statusReading).status?.drift?.reported_at;
  const load = (signal: AbortSignal) => readDrift({ channel, limit: WINDOWS }, signal);
  const loaded = useLoaded(`drift ${channel}`, load, PERIOD_MS, verdictAt);
  return (
    <>
      <div class="view-head">
        <h1>Drift</h1>
        <LiveVerdict />
        <ChannelLinks chosen={channel} />
      </div>
      <WhenLoaded loaded={loaded} what="drift reports" rows={10}>
        {(page) => <Reports page={page} route={route} channel={channel} />}
      </WhenLoaded>
    </>
  );
}

function Reports(props: { readonly page: DriftPage; readonly route: DriftRoute; readonly channel: string }) {
  const { page, route, channel } = props;
  const { items } = page;
  const latest = items[0];
  if (latest === undefined) {
    return (
      <section class="panel">
        <Empty title={channel === ALL ? "No verdict yet" : `No verdict on ${channel}`}>
          {channel === ALL
            ? "The first comes when the first window of applications is complete. How long a window is says DRIFT_WINDOW."
            : "A channel is judged by itself once it has enough applications in a window."}
        </Empty>
      </section>
    );
  }
  const shown: ListedReport = items.find(({ id }) => String(id) === route.report) ?? latest;
  return (
    <>
      <ReportHead
        report={shown}
        latestHref={shown.id === latest.id ? null : hrefOf({ ...route, report: null })}
        provisional={shown.id === latest.id ? page.provisional : null}
      />
      <DriftScorePanel reports={items} shown={shown} route={route} />
      <FeaturesPanel reports={items} shown={shown} route={route} />
      <ReportDetails report={shown} />
    </>
  );
}

/** Of now, whichever report is looked at: a monitor that fell silent must be seen here too. */
function LiveVerdict() {
  const { status, fault } = useStore(statusReading);
  if (status === null || fault !== null) return null;
  const { tone, words, details } = driftVerdict(status);
  if (tone !== "unknown") return null;
  return (
    <p>
      <Badge tone={tone}>{words}</Badge> <span class="note">{details.join(" ")}</span>
    </p>
  );
}

/** The channels of the latest decisions; one that has been silent for long is still reached by its address. */
function ChannelLinks({ chosen }: { readonly chosen: string }) {
  const { value } = useLoaded("drift channels", (signal) => readScores({ limit: 200 }, signal));
  const recent = (value?.items ?? []).map(({ channel }) => channel);
  const channels = [...new Set(chosen === ALL ? recent : [...recent, chosen])].sort();
  if (channels.length < 2) return null;
  return (
    <nav class="aside links" aria-label="Channel">
      {[ALL, ...channels].map((channel) => (
        <a
          key={channel}
          aria-current={channel === chosen ? "true" : undefined}
          href={hrefOf({ view: "drift", channel: channel === ALL ? null : channel, report: null, feature: null })}
        >
          {channel === ALL ? "All channels" : channel}
        </a>
      ))}
    </nav>
  );
}
