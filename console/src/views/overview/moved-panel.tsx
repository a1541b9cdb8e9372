import { readDrift } from "../../api/routes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { featureLabel, percentage } from "../../format.ts";
import { statusReading } from "../../live/status.ts";
import { Panel } from "../../parts/panel.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { hrefOf } from "../../routing.ts";
import { useStore } from "../../use-store.ts";
import { featureStanding, rankedFeatures, StandingBadge } from "../drift/standing.tsx";

const PERIOD_MS = 10_000;
const SHOWN = 6;

/** What drifted in the latest verdict, what weighs most first. */
export function MovedPanel() {
  const verdictAt = useStore(statusReading).status?.drift?.reported_at;
  const loaded = useLoaded("moved", (signal) => readDrift({ channel: "*", limit: 1 }, signal), PERIOD_MS, verdictAt);
  return (
    <Panel title="What moved" note="in the latest verdict">
      <WhenLoaded loaded={loaded} what="the latest verdict" rows={SHOWN}>
        {({ items: [report] }) => {
          const moved =
            report === undefined ? [] : rankedFeatures(report).filter((one) => featureStanding(one).rank > 0);
          if (report === undefined) return <Empty title="No verdict yet">The first window hasn't closed.</Empty>;
          if (moved.length === 0) return <Empty title="Nothing">All features look like the reference.</Empty>;
          return (
            <ul class="moved">
              {moved.slice(0, SHOWN).map((feature) => (
                <li key={feature.name}>
                  <a href={hrefOf({ view: "drift", channel: null, report: String(report.id), feature: feature.name })}>
                    {featureLabel(feature)}
                  </a>
                  <StandingBadge feature={feature} />
                  <span class="soft">weighs {percentage(feature.importance)}</span>
                </li>
              ))}
              {moved.length > SHOWN && <li class="soft">and {moved.length - SHOWN} more</li>}
            </ul>
          );
        }}
      </WhenLoaded>
    </Panel>
  );
}
