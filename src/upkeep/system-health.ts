import type { JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { messageOf } from "../platform/errors.ts";
import { type ByProcess, type Heartbeat, listenToHeartbeats, noteProcess } from "../platform/heartbeats.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { unlessMissing } from "../platform/topology.ts";
import { diskSpace } from "./watch-servers.ts";

export type SystemHealthOptions = {
  readonly nc: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly database: Database;
  /** Whose disk is watched. */
  readonly folder: string;
  readonly everyMs: number;
  readonly log: Logger;
};

/** What was heard of a process since the last row. */
type Heard = { beats: number; cpuCores: number; last: Heartbeat; lagSeconds: number };

/** Streams' last sequences, of which the differences are what was published. */
type Counted = { readonly decisions: number; readonly deadLetters: number };

/**
 * Writes `public.system_health`: every so often a row for each process that was heard, and one for the system. Several
 * alerts roles would each write theirs; the one whose transaction comes first for a minute does.
 */
export function recordSystemHealth(options: SystemHealthOptions): { stop(): void } {
  const { nc, jsm, database, folder, everyMs, log } = options;
  let heard: ByProcess<Heard> = new Map();
  let counted: Counted | undefined;
  const stopListening = listenToHeartbeats(nc, (heartbeat) => {
    const before = heard.get(heartbeat.role)?.get(heartbeat.instance);
    const { beats, cpuCores, lagSeconds } = before ?? { beats: 0, cpuCores: 0, lagSeconds: 0 };
    noteProcess(heard, heartbeat, {
      beats: beats + 1,
      cpuCores: cpuCores + heartbeat.cpuCores,
      lagSeconds: Math.max(lagSeconds, heartbeat.eventLoopLagSeconds),
      last: heartbeat,
    });
  });

  async function readSystem() {
    const [scores, deadLetters, applications] = await Promise.all(
      ["SCORES", "DEADLETTERS", "APPLICATIONS"].map((name) => unlessMissing(jsm.streams.info(name))),
    );
    const now = { decisions: scores?.state.last_seq ?? 0, deadLetters: deadLetters?.state.last_seq ?? 0 };
    const before = counted ?? now;
    counted = now;
    // A stream that was made anew counts from 1 again.
    const decisions = Math.max(0, now.decisions - before.decisions);
    const rejected = Math.max(0, now.deadLetters - before.deadLetters);
    return {
      decisions,
      deadLetters: rejected,
      errorRate: decisions + rejected > 0 ? rejected / (decisions + rejected) : null,
      pending: applications?.state.messages ?? 0,
      liveModel: scores === undefined ? null : await modelOfLast(scores.state.last_seq),
    };
  }

  async function modelOfLast(sequence: number): Promise<string | null> {
    if (sequence === 0) return null;
    const message = await jsm.streams.getMessage("SCORES", { seq: sequence });
    if (message === null) return null;
    const { name, version } = message.json<{ model: { name: string; version: string } }>().model;
    return `${name} ${version}`;
  }

  async function record(at: Date): Promise<void> {
    const processes = [...heard.values()].flatMap((instances) => [...instances.values()]);
    heard = new Map();
    const system = await readSystem();
    const { freeBytes, sizeBytes } = await diskSpace(folder);
    const rows = processes.map(({ beats, cpuCores, lagSeconds, last }) => ({
      role: last.role,
      instance: last.instance,
      ready: last.ready && !last.stopping,
      cpu_cores: cpuCores / beats,
      memory_bytes: Math.round(last.memoryBytes),
      event_loop_lag_seconds: lagSeconds,
    }));
    const ofSystem = {
      role: "system",
      instance: "",
      ready: rows.length > 0 && rows.every(({ ready }) => ready),
      disk_free_bytes: freeBytes,
      disk_size_bytes: sizeBytes,
      live_model: system.liveModel,
      decisions: system.decisions,
      dead_letters: system.deadLetters,
      error_rate: system.errorRate,
      pending: system.pending,
    };
    await database.query(
      `insert into public.system_health select * from jsonb_populate_recordset(null::public.system_health, $1::jsonb)
       on conflict do nothing`,
      [JSON.stringify([...rows, ofSystem].map((row) => ({ at, ...row })))],
    );
  }

  let recording = false;
  let lastAt = 0;
  async function tick(): Promise<void> {
    const at = Math.floor(Date.now() / everyMs) * everyMs;
    if (recording || at === lastAt) return;
    recording = true;
    try {
      await record(new Date(at));
      lastAt = at;
    } catch (error) {
      // The minute is missing then, which says enough.
      lastAt = at;
      log.warn({ error: messageOf(error) }, "the system's health couldn't be recorded");
    } finally {
      recording = false;
    }
  }
  lastAt = Math.floor(Date.now() / everyMs) * everyMs;
  void readSystem().catch(() => {});
  const timer = setInterval(tick, Math.min(1_000, everyMs / 2));
  return {
    stop() {
      clearInterval(timer);
      stopListening();
    },
  };
}
