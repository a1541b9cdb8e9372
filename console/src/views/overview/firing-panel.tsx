import type { AlertSeverity } from "../../../../src/contracts/alert.ts";
import { readAlerts } from "../../api/routes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { recent } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";
import { WhenLoaded } from "../../parts/states.tsx";
import { ALL_ALERTS, hrefOf } from "../../routing.ts";
import { AlertBadge } from "../alerts/alert-parts.tsx";

const PERIOD_MS = 5_000;
const SHOWN = 4;
/** Watchdogs, for nobody, are among those that fire. */
const READ = 50;

/** What fires and is for somebody, pages first; nothing when nothing does. */
export function FiringPanel(props: {
  readonly isNow: boolean;
  readonly firing: Readonly<Record<AlertSeverity, number>> | null;
}) {
  const { firing } = props;
  const total = firing === null ? 0 : firing.page + firing.ticket;
  if (firing === null || total === 0) return null;
  return <Firing key="firing" {...props} total={total} version={JSON.stringify(firing)} />;
}

function Firing(props: { readonly isNow: boolean; readonly total: number; readonly version: string }) {
  const { isNow, total, version } = props;
  const load = (signal: AbortSignal) => readAlerts({ status: "firing", limit: READ }, signal);
  const loaded = useLoaded("firing", load, PERIOD_MS, version);
  const all = hrefOf({ view: "alerts", filter: ALL_ALERTS, open: null });
  return (
    <Panel title="Firing" class={`firing-panel ${isNow ? "" : "old"}`} aside={<a href={all}>All alerts</a>}>
      <WhenLoaded loaded={loaded} what="alerts" rows={Math.min(total, SHOWN)}>
        {({ items }) => (
          <ul class="firing-list">
            {[
              ...items.filter(({ severity }) => severity === "page"),
              ...items.filter(({ severity }) => severity === "ticket"),
            ]
              .slice(0, SHOWN)
              .map((alert) => (
                <li key={alert.id}>
                  <AlertBadge alert={alert} />
                  <span>
                    <a href={hrefOf({ view: "alerts", filter: ALL_ALERTS, open: { name: alert.name, id: alert.id } })}>
                      {alert.name}
                    </a>{" "}
                    {alert.summary}
                  </span>
                  <span class="soft nowrap">since {recent(alert.starts_at)}</span>
                </li>
              ))}
            {total > SHOWN && <li class="soft">and {total - SHOWN} more</li>}
          </ul>
        )}
      </WhenLoaded>
    </Panel>
  );
}
