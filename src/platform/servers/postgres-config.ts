import { LOOPBACK } from "./ports.ts";

/** What a laptop can do with, and a demonstration of a few thousand applications per second needs. */
const SETTINGS = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  wal_compression: "on",
  // An application is acknowledged once its decision is committed, so a commit has to be on the disk.
  synchronous_commit: "on",
  fsync: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %u ",
  // Checkpoints come every few minutes; a log with nothing else in it grows all the same.
  log_checkpoints: "off",
};

/** The text of postgresql.conf; `settings` win over ours. */
export function postgresConfig(port: number, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ ...SETTINGS, port: String(port), ...settings }).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`,
  );
  return `# Written by plumbline at every start: changes made here are lost.\n${lines.join("\n")}\n`;
}
