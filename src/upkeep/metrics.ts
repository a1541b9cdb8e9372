import { Counter, Gauge, type Registry } from "prom-client";

export type UpkeepMetrics = ReturnType<typeof createUpkeepMetrics>;

/** Of what all roles share: the streams, the database, the disk; and of the deletion of old rows. */
export function createUpkeepMetrics(registry: Registry) {
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `plumbline_${name}`, help, labelNames, registers: [registry] });
  return {
    streamMessages: gauge("stream_messages", "Messages in the stream.", ["stream"]),
    streamBytes: gauge("stream_bytes", "Bytes that the stream takes.", ["stream"]),
    streamMaxBytes: gauge("stream_max_bytes", "Bytes that the stream may take.", ["stream"]),
    streamFullRatio: gauge(
      "stream_full_ratio",
      "How full the stream is, by messages or bytes, whichever is more; one that is full refuses its publishers or drops its oldest.",
      ["stream"],
    ),
    postgresSize: gauge("postgres_size_bytes", "Size of the database."),
    postgresConnections: gauge("postgres_connections", "Connections to the database server, all databases together."),
    postgresMaxConnections: gauge("postgres_max_connections", "Connections that the database server takes."),
    diskFree: gauge("disk_free_bytes", "Free bytes of the disk under the role's home.", ["role"]),
    diskSize: gauge("disk_size_bytes", "Size of the disk under the role's home.", ["role"]),
    retention: {
      deleted: new Counter({
        name: "plumbline_retention_deleted_total",
        help: "Rows deleted because they were older than they are kept.",
        labelNames: ["relation"],
        registers: [registry],
      }),
      lastSuccess: gauge(
        "retention_last_success_timestamp_seconds",
        "When all relations were last looked through for old rows.",
      ),
    },
  };
}
