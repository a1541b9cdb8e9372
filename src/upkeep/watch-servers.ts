import { statfs } from "node:fs/promises";
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Database } from "../platform/postgres.ts";
import { unlessMissing } from "../platform/topology.ts";
import type { UpkeepMetrics } from "./metrics.ts";

export type WatchedServers = {
  readonly jsm: JetStreamManager;
  readonly streams: readonly string[];
  readonly database: Database;
  /** Whose disk is watched. */
  readonly folder: string;
  readonly role: string;
  readonly metrics: UpkeepMetrics;
  readonly log: Logger;
};

const STREAMS_EVERY_MS = 5_000;
const REST_EVERY_MS = 15_000;

/** Reads the streams, the database and the disk into the metrics. Returns what ends it. */
export function watchServers({ jsm, streams, database, folder, role, metrics, log }: WatchedServers): () => void {
  async function readStreams(): Promise<void> {
    for (const stream of streams) {
      const info = await unlessMissing(jsm.streams.info(stream));
      if (info === undefined) continue;
      metrics.streamMessages.set({ stream }, info.state.messages);
      metrics.streamBytes.set({ stream }, info.state.bytes);
      metrics.streamMaxBytes.set({ stream }, info.config.max_bytes);
      metrics.streamFullRatio.set({ stream }, fullRatio(info));
    }
  }

  async function readDatabase(): Promise<void> {
    const { rows } = await database.query<{ size: string; connections: string; most: string }>(
      `select pg_database_size(current_database()) as size, current_setting('max_connections') as most,
         (select sum(numbackends) from pg_stat_database) as connections`,
    );
    const { size, connections, most } = rows[0]!;
    metrics.postgresSize.set(Number(size));
    metrics.postgresConnections.set(Number(connections));
    metrics.postgresMaxConnections.set(Number(most));
  }

  async function readDisk(): Promise<void> {
    const { freeBytes, sizeBytes } = await diskSpace(folder);
    metrics.diskFree.set({ role }, freeBytes);
    metrics.diskSize.set({ role }, sizeBytes);
  }

  const repeat = (what: string, read: () => Promise<void>, everyMs: number) => {
    let reading = false;
    const once = async () => {
      if (reading) return;
      reading = true;
      try {
        await read();
      } catch (error) {
        log.debug({ error: messageOf(error) }, `${what} can't be looked at for the moment`);
      } finally {
        reading = false;
      }
    };
    void once();
    return setInterval(once, everyMs);
  };
  const timers = [
    repeat("the streams", readStreams, STREAMS_EVERY_MS),
    repeat("the database", readDatabase, REST_EVERY_MS),
    repeat("the disk", readDisk, REST_EVERY_MS),
  ];
  return () => timers.forEach(clearInterval);
}

/** Of the disk that a folder is on; free is what this process may still write. */
export async function diskSpace(folder: string): Promise<{ readonly freeBytes: number; readonly sizeBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}

type StreamFill = {
  readonly state: Pick<StreamInfo["state"], "messages" | "bytes">;
  readonly config: Pick<StreamInfo["config"], "max_msgs" | "max_bytes">;
};

/** By messages or bytes, whichever is more; a limit below 0 is none. Pure. */
export function fullRatio({ state, config }: StreamFill): number {
  const share = (is: number, most: number) => (most > 0 ? is / most : 0);
  return Math.max(share(state.bytes, config.max_bytes), share(state.messages, config.max_msgs));
}
