import {
  ALERT_COLUMNS,
  type AlertEvent,
  type AlertRow,
  type AlertSource,
  type AlertStatus,
  alertOf,
  severityOf,
} from "../contracts/alert.ts";
import type { ReportedAlert } from "../contracts/alert-report.ts";
import { alertSubject } from "../contracts/subjects.ts";
import { type Database, type DatabaseClient, inTransaction } from "../platform/postgres.ts";
import { changesOf, type Episode, type EpisodeChange } from "./episodes.ts";

/** Any number, the same in every process: whoever changes alerts waits for whoever does at the moment. */
const ALERTS_LOCK = 7_210_644;

/**
 * Stores what Alertmanager says of alerts, and in the same transaction the events that tell of it. Repetitions change
 * nothing. Resolves when it is committed.
 *
 * @param source where the reports come from. What Alertmanager said when it was asked is certain of that moment.
 */
export async function storeReports(
  database: Database,
  reports: readonly ReportedAlert[],
  source: AlertSource,
): Promise<void> {
  if (reports.length === 0) return;
  const inOrder = reports.toSorted((a, b) => a.startsAt - b.startsAt || rank(a) - rank(b));
  await inTransaction(database, async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [ALERTS_LOCK]);
    const known = await readEpisodes(client, inOrder);
    for (const report of inOrder) {
      const own = known.get(report.fingerprint)!;
      for (const change of changesOf(own, report, source === "reconciled")) {
        await apply(client, report, change, source);
        remember(own, change);
      }
    }
  });
}

/** Resolves episodes that Alertmanager knows no more; `since` is when that was first seen, in milliseconds since 1970. */
export async function resolveGone(
  database: Database,
  gone: readonly { readonly id: string; readonly since: number }[],
): Promise<void> {
  if (gone.length === 0) return;
  await inTransaction(database, async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [ALERTS_LOCK]);
    for (const { id, since } of gone) {
      const { rows } = await client.query<AlertRow>(
        `update public.alerts set status = 'resolved', ends_at = greatest(starts_at, $2), updated_at = now()
         where id = $1 and status = 'firing' returning ${ALERT_COLUMNS}`,
        [id, new Date(since)],
      );
      for (const row of rows) await tell(client, "resolved", row);
    }
  });
}

/** What fires of two reports of one episode is the older one. */
function rank({ endsAt }: ReportedAlert): number {
  return endsAt === undefined ? 0 : 1;
}

/** By fingerprint, of those that are reported: what fires, and what started with the reported ones or later. */
async function readEpisodes(
  client: DatabaseClient,
  reports: readonly ReportedAlert[],
): Promise<Map<string, Episode[]>> {
  const { rows } = await client.query<{ fingerprint: string; starts_at: Date; ends_at: Date | null }>(
    `select a.fingerprint, a.starts_at, a.ends_at
     from (select fingerprint, min(since) as since from unnest($1::text[], $2::timestamptz[]) as r(fingerprint, since)
       group by fingerprint) as reported
     join public.alerts a using (fingerprint) where a.status = 'firing' or a.starts_at >= since`,
    [reports.map(({ fingerprint }) => fingerprint), reports.map(({ startsAt }) => new Date(startsAt))],
  );
  const known = new Map<string, Episode[]>(reports.map(({ fingerprint }) => [fingerprint, []]));
  for (const { fingerprint, starts_at, ends_at } of rows) {
    known.get(fingerprint)!.push({ startsAt: starts_at.getTime(), endsAt: ends_at?.getTime() });
  }
  return known;
}

/** Enters a change in what is known of an alert, for the next report of it. */
function remember(known: Episode[], { kind, startsAt, ...change }: EpisodeChange): void {
  if (kind === "refresh") return;
  const at = known.findIndex((episode) => episode.startsAt === startsAt);
  const { endsAt } = change as { readonly endsAt: number | undefined };
  known.splice(at < 0 ? known.length : at, at < 0 ? 0 : 1, { startsAt, endsAt });
}

async function apply(
  client: DatabaseClient,
  report: ReportedAlert,
  change: EpisodeChange,
  source: AlertSource,
): Promise<void> {
  const startsAt = new Date(change.startsAt);
  if (change.kind === "refresh") {
    await client.query(
      `update public.alerts set annotations = $3, updated_at = now()
       where fingerprint = $1 and starts_at = $2 and annotations <> $3::jsonb`,
      [report.fingerprint, startsAt, JSON.stringify(report.annotations)],
    );
    return;
  }
  if (change.kind === "open") {
    const row = await insert(client, report, change, source);
    await tell(client, "firing", { ...row, status: "firing", ends_at: null });
    if (change.endsAt !== undefined) await tell(client, "resolved", row);
    return;
  }
  const { rows } = await client.query<AlertRow>(
    `update public.alerts set status = 'resolved', ends_at = $3, updated_at = now()
     where fingerprint = $1 and starts_at = $2 returning ${ALERT_COLUMNS}`,
    [report.fingerprint, startsAt, new Date(change.endsAt)],
  );
  if (change.kind === "resolve") await tell(client, "resolved", rows[0]!);
}

/** As it is now: of one that is over already it would be wrong to say, even for a moment, that it fires. */
async function insert(
  client: DatabaseClient,
  { fingerprint, labels, annotations }: ReportedAlert,
  { startsAt, endsAt }: Extract<EpisodeChange, { kind: "open" }>,
  source: AlertSource,
): Promise<AlertRow> {
  const status: AlertStatus = endsAt === undefined ? "firing" : "resolved";
  const { rows } = await client.query<AlertRow>(
    `insert into public.alerts (fingerprint, name, severity, status, labels, annotations, starts_at, ends_at, source)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${ALERT_COLUMNS}`,
    [
      fingerprint,
      labels.alertname ?? "",
      severityOf(labels),
      status,
      JSON.stringify(labels),
      JSON.stringify(annotations),
      new Date(startsAt),
      endsAt === undefined ? null : new Date(endsAt),
      source,
    ],
  );
  return rows[0]!;
}

/** An event to be published once the transaction has been committed. */
async function tell(client: DatabaseClient, event: AlertStatus, row: AlertRow): Promise<void> {
  const payload: AlertEvent = { event, alert: alertOf(row) };
  await client.query("insert into plumbline.alert_events (alert_id, subject, payload) values ($1, $2, $3)", [
    row.id,
    alertSubject(row.severity),
    JSON.stringify(payload),
  ]);
}
