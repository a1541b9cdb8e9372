import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Alert } from "../../../../src/contracts/alert.ts";
import { readAlerts } from "../../api/routes.ts";
import type { Page } from "../../api/shapes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { alertsVerdict } from "../../health.ts";
import { useClock } from "../../live/clock.ts";
import { connectionOf } from "../../live/connection.ts";
import { statusReading } from "../../live/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { ALL_ALERTS, type AlertFilter, hrefOf, type Route } from "../../routing.ts";
import { replaceAddress } from "../../use-route.ts";
import { useStore } from "../../use-store.ts";
import { AlertFilters } from "./alert-filters.tsx";
import { AlertPanel } from "./alert-panel.tsx";
import { AlertsTable } from "./alerts-table.tsx";

const PERIOD_MS = 3_000;
const PAGE = 50;
/** As many as the gateway gives at once; narrower filters reach further back. */
const MOST = 500;

type AlertsRoute = Extract<Route, { view: "alerts" }>;

/** What fires, what did, and one episode with all that is known of it. */
export function AlertsView({ filter, open }: Omit<AlertsRoute, "view">) {
  const reading = useStore(statusReading);
  const clock = useClock();
  const isNow = connectionOf(reading, clock).kind === "live";
  const firing = JSON.stringify(reading.status?.alerts);
  const key = hrefOf({ view: "alerts", filter, open: null });
  // The whole is read again rather than only what is older: alerts move when they are resolved.
  const [shown, setShown] = useState({ key, limit: PAGE });
  const limit = shown.key === key ? shown.limit : PAGE;
  const loaded = useLoaded(key, (signal) => readAlerts({ ...filter, limit }, signal), PERIOD_MS, `${limit} ${firing}`);
  const lastOpen = useRef<number | null>(null);
  useLayoutEffect(() => {
    // The keyboard goes on where it was before.
    if (open === null) document.getElementById(`alert-${lastOpen.current}`)?.focus();
    lastOpen.current = open?.id ?? null;
  }, [open?.id]);
  const choose = (part: Partial<AlertFilter>) =>
    replaceAddress(hrefOf({ view: "alerts", filter: { ...filter, ...part }, open }));
  return (
    <>
      <div class="view-head">
        <h1>Alerts</h1>
        <Watched isNow={isNow} />
        <div class="aside filters">
          <AlertFilters filter={filter} known={loaded.value?.items ?? []} onChoose={choose} />
        </div>
      </div>
      <div class={`alerts ${open === null ? "" : "with-alert"}`}>
        <section class={`panel ${isNow ? "" : "old"}`} aria-label="List">
          <WhenLoaded loaded={loaded} what="alerts" rows={8}>
            {(page) => (
              <List
                page={page}
                filter={filter}
                open={open}
                now={isNow ? clock : (loaded.readAt ?? clock)}
                isLoading={loaded.isLoading}
                onMore={limit < MOST ? () => setShown({ key, limit: Math.min(MOST, limit + 2 * PAGE) }) : null}
              />
            )}
          </WhenLoaded>
        </section>
        {open !== null && <AlertPanel key={open.id} open={open} filter={filter} version={firing} isNow={isNow} />}
      </div>
    </>
  );
}

function List(props: {
  readonly page: Page<Alert>;
  readonly filter: AlertFilter;
  readonly open: AlertsRoute["open"];
  readonly now: number;
  readonly isLoading: boolean;
  readonly onMore: (() => void) | null;
}) {
  const { page, filter, open, now, isLoading, onMore } = props;
  if (page.items.length === 0) return <Nothing filter={filter} />;
  return (
    <>
      <AlertsTable alerts={page.items} filter={filter} openId={open?.id ?? null} now={now} />
      {page.next !== null && (
        <p class="more centred">
          {onMore === null ? (
            <span class="soft">There are older ones. A filter shows more of those that it lets pass.</span>
          ) : (
            <button type="button" class="button" disabled={isLoading} onClick={onMore}>
              Older alerts
            </button>
          )}
        </p>
      )}
    </>
  );
}

function Nothing({ filter }: { readonly filter: AlertFilter }) {
  if (filter.status === null && filter.severity === null && filter.name === null) {
    return (
      <Empty title="No alert yet">
        Alertmanager tells the gateway of alerts when they fire and when they are resolved, and each stays listed here.
        On one machine <code>bin/plumbline up --observe</code> starts it.
      </Empty>
    );
  }
  return (
    <Empty title={filter.status === "firing" ? "None of these fires" : "No such alert"}>
      Others may be there: <a href={hrefOf({ view: "alerts", filter: ALL_ALERTS, open: null })}>show all alerts</a>.
    </Empty>
  );
}

/** Silence means something only while somebody watches. */
function Watched({ isNow }: { readonly isNow: boolean }) {
  const { status } = useStore(statusReading);
  if (status === null || !isNow) return null;
  const { tone, words, details } = alertsVerdict(status);
  if (tone !== "unknown") return null;
  return (
    <p class="watched">
      <Badge tone={tone}>{words}</Badge> <span class="note">{details.join(" ")}</span>
    </p>
  );
}
