import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { pause } from "../platform/retry.ts";
import { resolveGone, storeReports } from "./alert-store.ts";
import { askAlertmanager } from "./alertmanager.ts";
import { differencesOf, type FiringEpisode, NOTHING_SEEN, type Seen } from "./differences.ts";
import type { ReconciliationMetrics } from "./metrics.ts";

export type ReconciliationOptions = {
  readonly database: Database;
  /** Address of Alertmanager. */
  readonly address: string;
  readonly everyMs: number;
  readonly metrics: ReconciliationMetrics;
  readonly log: Logger;
};

const STOP_WITHIN_MS = 4_000;

/**
 * Asks Alertmanager every so often what fires, and sets right what lasts: an alert whose notification never came is stored,
 * and one that Alertmanager has long forgotten is resolved.
 */
export function reconcileAlerts(options: ReconciliationOptions): { stop(): Promise<void> } {
  const { database, address, everyMs, metrics, log } = options;
  const stopping = new AbortController();
  let seen: Seen = NOTHING_SEEN;
  let said = "";

  /** Once for each time that it changes, not every round. */
  function sayOnce(text: string): void {
    if (text !== "" && text !== said) log.warn({ error: text }, "alerts can't be compared with Alertmanager's");
    if (text === "" && said !== "") log.info("alerts are compared with Alertmanager's again");
    said = text;
  }

  async function look(): Promise<string> {
    const view = await askAlertmanager(address, stopping.signal).catch((error: unknown) => {
      metrics.answered(false);
      // It may come back knowing nothing.
      seen = NOTHING_SEEN;
      throw error;
    });
    metrics.answered(true);
    const firing = await readFiring(database);
    const differences = differencesOf(firing, view, seen, { now: Date.now(), everyMs });
    const { missing, gone } = differences;
    await storeReports(database, missing, "reconciled");
    metrics.stored(missing.length);
    await resolveGone(database, gone);
    seen = differences.seen;
    if (missing.length > 0)
      log.warn({ alerts: missing.map(nameOf) }, "notifications of alerts never came, stored them");
    if (gone.length > 0) log.warn({ alerts: gone.length }, "Alertmanager knows of alerts no more, resolved them");
    return view.unreadable.join(", ");
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const fault = await look().catch(messageOf);
      if (!stopping.signal.aborted) sayOnce(fault);
      await pause(everyMs, stopping.signal).catch(() => {});
    }
  })();

  return {
    async stop() {
      stopping.abort(new Error("the alerts role is stopping"));
      await Promise.race([loop, sleep(STOP_WITHIN_MS)]);
    },
  };
}

function nameOf({ labels, fingerprint }: { labels: Readonly<Record<string, string>>; fingerprint: string }): string {
  return `${labels.alertname ?? ""} ${fingerprint}`;
}

async function readFiring(database: Database): Promise<FiringEpisode[]> {
  const { rows } = await database.query<{ id: string; fingerprint: string; starts_at: Date }>(
    "select id, fingerprint, starts_at from public.alerts where status = 'firing'",
  );
  return rows.map(({ id, fingerprint, starts_at }) => ({ id, fingerprint, startsAt: starts_at.getTime() }));
}
