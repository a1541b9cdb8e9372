import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../../src/app/environment.ts";
import type { ObservationCell } from "../../src/contracts/observation.ts";
import { readBundle } from "../../src/models/bundle.ts";
import { registerModel } from "../../src/models/registry.ts";
import { createLifecycle } from "../../src/platform/lifecycle.ts";
import { createLogger } from "../../src/platform/log.ts";
import type { Database } from "../../src/platform/postgres.ts";
import { onBlankSlate, type Slate } from "../blank-slate.ts";
import { residentMb } from "../process-usage.ts";
import { startServers } from "../servers.ts";

export type ConsumerMemory = {
  /** Seconds of traffic taken in. */
  readonly seconds: number;
  /** Resident memory of the consumer in MiB, each second of the clock. */
  readonly residentMb: readonly number[];
  readonly tookSeconds: number;
};

const ROWS_AT_ONCE = 200;
const SAMPLE_MS = 500;

/**
 * Hands a drift consumer the observations of hours at full traffic, a row per second as two scorers would leave them, and
 * watches its memory until all is taken in and judged. Windows are ten minutes wide, so that many close.
 */
export async function consumerMemory(second: readonly ObservationCell[], seconds: number): Promise<ConsumerMemory> {
  const log = createLogger("warn", "bench");
  const lifecycle = createLifecycle(log);
  try {
    const servers = await startServers(lifecycle, log);
    return await onBlankSlate(servers, log, (slate) => watch(slate, second, seconds));
  } finally {
    await lifecycle.stop();
  }
}

async function watch(slate: Slate, second: readonly ObservationCell[], seconds: number): Promise<ConsumerMemory> {
  const { database, databaseUrl, servers } = slate;
  const modelId = await registerModel(database, await readBundle(join(ROOT, "models/lendingclub")));
  await fill(database, modelId, second, seconds);
  const env = {
    ...process.env,
    ...{ NATS_URL: servers.natsUrl, DATABASE_URL: databaseUrl, PLUMBLINE_HOME: servers.home },
    ...{ LOG_LEVEL: "warn", DRIFT_WINDOW: "10m" },
  };
  const from = performance.now();
  const consumer = spawn(join(ROOT, "bin/plumbline"), ["drift", "--finish"], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const samples: number[] = [];
  const timer = setInterval(() => {
    try {
      samples.push(residentMb(consumer.pid!));
    } catch {
      // It has just ended.
    }
  }, SAMPLE_MS);
  const [code] = (await once(consumer, "exit")) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`the drift consumer ended with ${code}`);
  return { seconds, residentMb: samples, tookSeconds: (performance.now() - from) / 1000 };
}

async function fill(
  database: Database,
  modelId: number,
  second: readonly ObservationCell[],
  seconds: number,
): Promise<void> {
  const start = Date.parse("2026-01-01");
  const paneMs = 50_000;
  for (let first = 0; first < seconds; first += ROWS_AT_ONCE) {
    const rows = Array.from({ length: Math.min(ROWS_AT_ONCE, seconds - first) }, (_, i) => {
      const at = start + (first + i) * 1_000;
      const pane = Math.floor(at / paneMs) * paneMs;
      const cells = JSON.stringify(second.map((cell) => ({ ...cell, pane })));
      const observers = JSON.stringify({ "00000000-0000-4000-8000-000000000001": { latest: at, at } });
      return { observers, cells, at: new Date(at) };
    });
    await database.query(
      `insert into plumbline.observation_messages (model_id, pane_ms, observers, cells, created_at)
       select $1, $2, observers, cells, at
       from unnest($3::json[], $4::json[], $5::timestamptz[]) as row (observers, cells, at)`,
      [modelId, paneMs, rows.map((row) => row.observers), rows.map((row) => row.cells), rows.map((row) => row.at)],
    );
  }
}
