import type { ComponentChildren } from "preact";
import type { Alert, AlertSeverity } from "../../../../src/contracts/alert.ts";
import { recent } from "../../format.ts";
import { type AlertFilter, hrefOf } from "../../routing.ts";
import { AboutLabels, AlertBadge, lasts } from "./alert-parts.tsx";

const WEIGHT: Readonly<Record<AlertSeverity, number>> = { page: 2, ticket: 1, none: 0 };

/** Episodes: those that fire first, the most urgent of them at the top; then those that are over, the newest first. */
export function AlertsTable(props: {
  readonly alerts: readonly Alert[];
  readonly filter: AlertFilter;
  readonly openId: number | null;
  /** Of when the list is, in milliseconds. */
  readonly now: number;
}) {
  const { alerts, filter, openId, now } = props;
  const firing = alerts
    .filter(({ status }) => status === "firing")
    .sort((a, b) => WEIGHT[b.severity] - WEIGHT[a.severity] || Date.parse(b.starts_at) - Date.parse(a.starts_at));
  const resolved = alerts.filter(({ status }) => status === "resolved");
  return (
    <table class="alert-list">
      <caption class="sr-only">Alerts: those that fire, then those that did, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Severity</th>
          <th scope="col">Alert</th>
          <th scope="col">About</th>
          <th scope="col">Since</th>
          <th scope="col" class="figure">
            For
          </th>
        </tr>
      </thead>
      {firing.length > 0 && (
        <Group title="Firing">
          {firing.map((alert) => (
            <Row key={alert.id} alert={alert} filter={filter} isOpen={alert.id === openId} now={now} />
          ))}
        </Group>
      )}
      {resolved.length > 0 && (
        <Group title="Resolved">
          {resolved.map((alert) => (
            <Row key={alert.id} alert={alert} filter={filter} isOpen={alert.id === openId} now={now} />
          ))}
        </Group>
      )}
    </table>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <tbody>
      <tr class="group">
        <th colSpan={5} scope="rowgroup">
          {title}
        </th>
      </tr>
      {children}
    </tbody>
  );
}

function Row(props: {
  readonly alert: Alert;
  readonly filter: AlertFilter;
  readonly isOpen: boolean;
  readonly now: number;
}) {
  const { alert, filter, isOpen, now } = props;
  const { id, name, summary, starts_at } = alert;
  return (
    <tr class={`${alert.status} ${isOpen ? "chosen" : ""}`}>
      <td class="severity">
        <AlertBadge alert={alert} />
      </td>
      <th scope="row" class="which">
        <a
          id={`alert-${id}`}
          href={hrefOf({ view: "alerts", filter, open: isOpen ? null : { name, id } })}
          aria-current={isOpen ? "true" : undefined}
        >
          {name}
        </a>
        {summary !== null && <span class="summary">{summary}</span>}
      </th>
      <td class="about">
        <AboutLabels labels={alert.labels} />
      </td>
      <td class="when nowrap">{recent(starts_at, now)}</td>
      <td class="figure lasts">{lasts(alert, now)}</td>
    </tr>
  );
}
