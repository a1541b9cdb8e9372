import {
  ALERT_COLUMNS,
  ALERT_STATUSES,
  type Alert,
  type AlertRow,
  type AlertSeverity,
  type AlertStatus,
  alertOf,
} from "../../contracts/alert.ts";
import type { Database } from "../../platform/postgres.ts";
import { badRequest } from "../problem.ts";

export type AlertFilter = {
  readonly status?: AlertStatus;
  readonly severity?: AlertSeverity;
  readonly name?: string;
  /** When it began to fire; RFC 3339. */
  readonly from?: string;
  readonly to?: string;
};

/** An alert's place in the list; `startsAt` in milliseconds since 1970. */
type Place = { readonly status: AlertStatus; readonly startsAt: number; readonly id: number };

/**
 * Episodes, those that fire first, then newest first.
 * @param before `next` of the page before; undefined for the first one.
 * @returns `next`, what the next page begins before; undefined when there is none.
 * @throws Problem when `before` isn't a `next` of ours.
 */
export async function readAlerts(
  database: Database,
  filter: AlertFilter,
  { limit, before }: { readonly limit: number; readonly before: string | undefined },
): Promise<{ alerts: Alert[]; next: string | undefined }> {
  const place = before === undefined ? undefined : placeOf(before);
  // An alert that is resolved meanwhile moves further down, so that none is passed over.
  const statuses = ALERT_STATUSES.filter((status) => status === (filter.status ?? status)).slice(
    place?.status === "resolved" && filter.status === undefined ? 1 : 0,
  );
  const rows: AlertRow[] = [];
  for (const status of statuses) {
    if (rows.length >= limit) break;
    const from = place?.status === status ? place : undefined;
    rows.push(...(await readSection(database, { ...filter, status }, from, limit - rows.length)));
  }
  return { alerts: rows.map(alertOf), next: rows.length < limit ? undefined : cursorOf(rows.at(-1)!) };
}

async function readSection(
  database: Database,
  { status, severity, name, from, to }: AlertFilter,
  before: Place | undefined,
  limit: number,
): Promise<AlertRow[]> {
  const { rows } = await database.query<AlertRow>(
    `select ${ALERT_COLUMNS} from public.alerts
     where status = $1 and ($2::text is null or severity = $2) and ($3::text is null or name = $3)
       and ($4::timestamptz is null or starts_at >= $4) and ($5::timestamptz is null or starts_at < $5)
       and ($6::timestamptz is null or (starts_at, id) < ($6, $7::int8))
     order by starts_at desc, id desc limit $8`,
    [status, severity, name, instantOf(from), instantOf(to), instantOf(before?.startsAt), before?.id, limit],
  );
  return rows;
}

/** As a date: RFC 3339 knows a year and offsets that PostgreSQL doesn't. */
function instantOf(time: string | number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

/** Opaque, so that what a place is may change. */
function cursorOf({ status, starts_at, id }: AlertRow): string {
  return Buffer.from(`${status}.${starts_at.getTime()}.${id}`).toString("base64url");
}

function placeOf(cursor: string): Place {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  const [, status, startsAt, id] = /^(firing|resolved)\.(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  if (status !== undefined) return { status: status as AlertStatus, startsAt: Number(startsAt), id: Number(id) };
  const detail = "must be `next` of the page before, unchanged";
  throw badRequest("The request asks for a page that there isn't.", [{ field: "before", detail }]);
}
