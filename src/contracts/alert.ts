/** Alerts as Alertmanager tells of them, as they are kept, and as they are told on. */

/** Whom an alert is for: page wakes somebody, ticket is for office hours, none is for nobody (Watchdog). */
export const ALERT_SEVERITIES = ["page", "ticket", "none"] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

export const ALERT_STATUSES = ["firing", "resolved"] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** How we first heard of an alert: Alertmanager told us, or we asked. */
export const ALERT_SOURCES = ["webhook", "reconciled"] as const;
export type AlertSource = (typeof ALERT_SOURCES)[number];

export type AlertLabels = Readonly<Record<string, string>>;

/** One episode: an alert from when it began to fire until it stopped. Times are RFC 3339 in UTC. */
export type Alert = {
  readonly id: number;
  /** Of its labels; the same in every episode. */
  readonly fingerprint: string;
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly status: AlertStatus;
  readonly summary: string | null;
  readonly description: string | null;
  /** Addresses that a page may link to; a relative one is of the repository or of Grafana. */
  readonly runbook_url: string | null;
  readonly dashboard: string | null;
  readonly labels: AlertLabels;
  readonly annotations: AlertLabels;
  readonly starts_at: string;
  /** Null while it fires. */
  readonly ends_at: string | null;
  readonly received_at: string;
  readonly updated_at: string;
  readonly source: AlertSource;
};

/** What is published on `events.alert.<severity>`: each transition of each episode once, firing before resolved. */
export type AlertEvent = { readonly event: AlertStatus; readonly alert: Alert };

/** A row of public.alerts as the driver gives it. */
export type AlertRow = {
  readonly id: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly status: AlertStatus;
  readonly labels: AlertLabels;
  readonly annotations: AlertLabels;
  readonly starts_at: Date;
  readonly ends_at: Date | null;
  readonly received_at: Date;
  readonly updated_at: Date;
  readonly source: AlertSource;
};

/** The columns of an AlertRow. */
export const ALERT_COLUMNS =
  "id, fingerprint, name, severity, status, labels, annotations, starts_at, ends_at, received_at, updated_at, source";

export function alertOf(row: AlertRow): Alert {
  const { annotations } = row;
  return {
    id: Number(row.id),
    fingerprint: row.fingerprint,
    name: row.name,
    severity: row.severity,
    status: row.status,
    summary: annotations.summary ?? null,
    description: annotations.description ?? null,
    runbook_url: linkOf(annotations.runbook_url),
    dashboard: linkOf(annotations.dashboard),
    labels: row.labels,
    annotations,
    starts_at: row.starts_at.toISOString(),
    ends_at: row.ends_at?.toISOString() ?? null,
    received_at: row.received_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    source: row.source,
  };
}

/** The severity that a rule's label says; whatever it doesn't know is for nobody. */
export function severityOf({ severity }: AlertLabels): AlertSeverity {
  return ALERT_SEVERITIES.find((known) => known === severity) ?? "none";
}

/** Whoever writes rules writes addresses too; one that runs a script (`javascript:`) is none. */
function linkOf(address: string | undefined): string | null {
  if (address === undefined || !URL.canParse(address, "https://here.invalid")) return null;
  return /^https?:$/.test(new URL(address, "https://here.invalid").protocol) ? address : null;
}
