import type { Counter, Gauge } from "prom-client";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { pause } from "../platform/retry.ts";

/** The tables whose old rows are deleted, as `plumbline.prune` (migrations/004_alerts.sql) knows them. */
export const PRUNED = [
  "applications",
  "drift_reports",
  "drift_withdrawn",
  "drift_insufficient",
  "alerts",
  "api_usage",
  "audit",
  "tokens",
  "system_health",
] as const;
type Pruned = (typeof PRUNED)[number];

/** The other tables, and why they don't grow. */
export const NOT_PRUNED: Readonly<Record<string, string>> = {
  models: "one row per bundle that was ever loaded, which decisions refer to",
  policies: "one row per policy, which decisions refer to",
  routes: "one row per channel with a model of its own",
  migrations: "one row per migration",
  streams: "one row per stream",
  scoring_attempts: "deleted when the application is settled",
  observations: "deleted when they are published",
  observation_messages: "deleted when the drift consumer has counted them",
  drift_panes: "the drift consumer forgets those that no window can need",
  drift_progress: "one row per model and cut",
  drift_observers: "the drift consumer keeps the newest",
  drift_provisional: "one row per model and channel",
  drift_settings: "one row per model",
  outgoing_events: "deleted when they are published",
  alert_events: "deleted when they are published",
};

export type RetentionOptions = {
  readonly database: Database;
  /** How long rows are kept, in milliseconds; Infinity is for ever. */
  readonly keepMs: Readonly<Record<Pruned, number>>;
  readonly metrics: { readonly deleted: Counter<"relation">; readonly lastSuccess: Gauge };
  readonly log: Logger;
};

const EVERY_MS = 3_600_000;
const TRY_AGAIN_MS = 60_000;
/** Small, so that nobody waits for a lock of ours. */
const BATCH = 2_000;
const BETWEEN_BATCHES_MS = 50;

/** Deletes what is older than it is to be kept, at once and then every hour. Several processes may do so. */
export function keepRetention({ database, keepMs, metrics, log }: RetentionOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  for (const relation of PRUNED) metrics.deleted.inc({ relation }, 0);

  async function prune(relation: Pruned, keep: number): Promise<void> {
    let total = 0;
    for (;;) {
      signal.throwIfAborted();
      const { rows } = await database.query<{ gone: string }>("select plumbline.prune($1, $2, $3) as gone", [
        relation,
        `${keep} milliseconds`,
        BATCH,
      ]);
      const gone = Number(rows[0]!.gone);
      metrics.deleted.inc({ relation }, gone);
      total += gone;
      // Less than a batch may be gone because some of the oldest applications were decided late.
      if (gone === 0) break;
      await pause(BETWEEN_BATCHES_MS, signal);
    }
    if (total > 0) log.info({ relation, rows: total }, "old rows deleted");
  }

  const running = (async () => {
    while (!signal.aborted) {
      try {
        for (const relation of PRUNED) {
          const keep = keepMs[relation];
          if (keep !== Number.POSITIVE_INFINITY) await prune(relation, keep);
        }
        metrics.lastSuccess.set(Date.now() / 1000);
        await pause(EVERY_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error: messageOf(error) }, "old rows couldn't be deleted, trying again in a minute");
        await pause(TRY_AGAIN_MS, signal).catch(() => {});
      }
    }
  })();
  return {
    async stop() {
      stopping.abort(new Error("stopping"));
      await running.catch(() => {});
    },
  };
}
