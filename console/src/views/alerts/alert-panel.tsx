import { useEffect, useId, useRef } from "preact/hooks";
import type { Alert } from "../../../../src/contracts/alert.ts";
import { readAlerts } from "../../api/routes.ts";
import { useLoaded } from "../../api/use-loaded.ts";
import { counted, moment, recent } from "../../format.ts";
import { useClock } from "../../live/clock.ts";
import { Icon } from "../../parts/shapes.tsx";
import { Empty, WhenLoaded } from "../../parts/states.tsx";
import { type AlertFilter, hrefOf } from "../../routing.ts";
import { AboutLabels, AlertBadge, labelsAbout, lasts, linkFrom } from "./alert-parts.tsx";
import { Runbook } from "./runbook.tsx";

const PERIOD_MS = 5_000;
const MOST_EPISODES = 500;

/** One episode of an alert: what it says, what to do about it, and when the same alert fired before. */
export function AlertPanel(props: {
  readonly open: { readonly name: string; readonly id: number };
  readonly filter: AlertFilter;
  /** When it changes an alert began or ended. */
  readonly version: string | undefined;
  readonly isNow: boolean;
}) {
  const { open, filter, version, isNow } = props;
  const clock = useClock();
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  const loaded = useLoaded(
    `alert ${open.name}`,
    (signal) => readAlerts({ name: open.name, limit: MOST_EPISODES }, signal),
    PERIOD_MS,
    version,
  );
  const closed = hrefOf({ view: "alerts", filter, open: null });
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: "nearest" });
  }, []);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !(event.target instanceof HTMLInputElement)) location.hash = closed;
    };
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, [closed]);
  return (
    <section class={`panel alert-panel ${isNow ? "" : "old"}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id} tabIndex={-1} ref={heading}>
          {open.name}
        </h2>
        <a class="button aside" href={closed}>
          Close
        </a>
      </header>
      <WhenLoaded loaded={loaded} what="the alert" rows={8}>
        {({ items }) => {
          const alert = items.find((one) => one.id === open.id);
          if (alert === undefined) {
            return (
              <Empty title="It isn't known any more">
                Alerts that are over are kept for as long as retention says.
              </Empty>
            );
          }
          const now = isNow ? clock : (loaded.readAt ?? clock);
          return (
            <>
              <Details alert={alert} now={now} />
              <Episodes
                episodes={items.filter(({ fingerprint }) => fingerprint === alert.fingerprint)}
                shown={alert}
                filter={filter}
                now={now}
              />
            </>
          );
        }}
      </WhenLoaded>
    </section>
  );
}

function Details({ alert, now }: { readonly alert: Alert; readonly now: number }) {
  const { summary, description, starts_at, ends_at, source } = alert;
  const runbook = linkFrom(alert.runbook_url);
  const dashboard = linkFrom(alert.dashboard);
  const lasted = lasts(alert, now);
  return (
    <>
      <p class="alert-standing">
        <AlertBadge alert={alert} />
        <span>
          {ends_at === null ? `fires for ${lasted}, since ` : `fired for ${lasted}, from `}
          {recent(starts_at, now)}
          {ends_at !== null && ` to ${recent(ends_at, now)}`}
        </span>
      </p>
      {summary !== null && <p class="alert-summary">{summary}</p>}
      {description !== null && <p>{description}</p>}
      {(runbook !== null || dashboard !== null) && (
        <p class="alert-links">
          {runbook !== null && (
            <a class="button primary" href={runbook} target="_blank" rel="noreferrer">
              Runbook <Icon name="out" />
              <span class="sr-only">, in a new tab</span>
            </a>
          )}
          {dashboard !== null && (
            <a class="button" href={dashboard} target="_blank" rel="noreferrer">
              Dashboard <Icon name="out" />
              <span class="sr-only">, in a new tab</span>
            </a>
          )}
        </p>
      )}
      <Runbook address={alert.runbook_url} isOpen={ends_at === null} />
      <dl class="facts">
        {labelsAbout(alert.labels).length > 0 && (
          <>
            <dt>About</dt>
            <dd>
              <AboutLabels labels={alert.labels} />
            </dd>
          </>
        )}
        {runbook === null && alert.runbook_url !== null && <Place name="Runbook" address={alert.runbook_url} />}
        {dashboard === null && alert.dashboard !== null && <Place name="In Grafana" address={alert.dashboard} />}
        <dt>Heard of</dt>
        <dd>
          {moment(alert.received_at)},{" "}
          {source === "webhook" ? "told by Alertmanager" : "found by asking Alertmanager: its notification never came"}
        </dd>
      </dl>
    </>
  );
}

function Place({ name, address }: { readonly name: string; readonly address: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="mono">{address}</dd>
    </>
  );
}

/** When the same alert, with the same labels, fired. */
function Episodes(props: {
  readonly episodes: readonly Alert[];
  readonly shown: Alert;
  readonly filter: AlertFilter;
  readonly now: number;
}) {
  const { episodes, shown, filter, now } = props;
  return (
    <>
      {episodes.length === 1 && <p class="note">It hasn't fired before.</p>}
      {episodes.length > 1 && <h3>It fired {counted(episodes.length, "time")}</h3>}
      {episodes.length > 1 && (
        <table class="episodes">
          <caption class="sr-only">Episodes of this alert, the newest first</caption>
          <thead>
            <tr>
              <th scope="col">Since</th>
              <th scope="col">Until</th>
              <th scope="col" class="figure">
                For
              </th>
            </tr>
          </thead>
          <tbody>
            {episodes.map((episode) => {
              const { id, name, starts_at, ends_at } = episode;
              return (
                <tr key={id} class={id === shown.id ? "chosen" : ""}>
                  <th scope="row">
                    <a
                      href={hrefOf({ view: "alerts", filter, open: { name, id } })}
                      aria-current={id === shown.id ? "true" : undefined}
                    >
                      {recent(starts_at, now)}
                    </a>
                  </th>
                  <td>{ends_at === null ? "still fires" : recent(ends_at, now)}</td>
                  <td class="figure">{lasts(episode, now)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </>
  );
}
