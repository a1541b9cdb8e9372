import type { Registry } from "prom-client";
import { ALERT_SEVERITIES, type AlertSeverity } from "../contracts/alert.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { showFiring } from "./metrics.ts";

export type FiringCounts = Record<AlertSeverity, number>;

const PERIOD_MS = 2_000;

/** How many alerts fire, by severity. */
export async function countFiring(database: Database): Promise<FiringCounts> {
  const { rows } = await database.query<{ severity: AlertSeverity; alerts: number }>(
    "select severity, count(*)::int as alerts from public.alerts where status = 'firing' group by severity",
  );
  const counts = new Map(rows.map(({ severity, alerts }) => [severity, alerts]));
  return Object.fromEntries(ALERT_SEVERITIES.map((severity) => [severity, counts.get(severity) ?? 0])) as FiringCounts;
}

/** Keeps the metric of how many alerts fire; while the database is away it stays as it was. */
export function watchFiring(database: Database, registry: Registry, log: Logger): () => void {
  const show = showFiring(registry);
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    await countFiring(database).then(show, (error: unknown) =>
      log.debug({ error: messageOf(error) }, "the firing alerts can't be counted"),
    );
    looking = false;
  };
  const timer = setInterval(look, PERIOD_MS);
  void look();
  return () => clearInterval(timer);
}
