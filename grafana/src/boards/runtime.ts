import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { board } from "../board.ts";
import { LIMITS, MARKS } from "../limits.ts";
import { PAGES } from "../pages.ts";
import { bars } from "../panels/bars.ts";
import { stateTimeline } from "../panels/state-timeline.ts";
import { tile } from "../panels/tile.ts";
import { timeSeries } from "../panels/time-series.ts";
import { perSecond, share } from "../promql.ts";
import { COLOUR, UNIT } from "../style.ts";

export function runtime(): Dashboard {
  return board(PAGES.runtime, [
    { title: "Is everything there?", panels: presence() },
    { title: "Processes", panels: processes() },
    { title: "Broker", panels: broker() },
    { title: "Database and disk", panels: storage() },
  ]);
}

const PROCESS = "{{role}} {{instance}}";

const presence = () => [
  stateTimeline({
    title: "Processes that are ready",
    description:
      "Whether Prometheus reaches each process, and /readyz says that it has all it needs. A row that ends has left the list of targets.",
    unit: UNIT.number,
    width: 8,
    queries: [
      {
        expression:
          'max by (role, instance) (up{job="plumbline"}) + max by (role, instance) (plumbline_ready or 0 * up{job="plumbline"})',
        legend: PROCESS,
      },
    ],
    states: {
      0: { text: "silent", color: COLOUR.critical },
      1: { text: "waits", color: COLOUR.warning },
      2: { text: "ready", color: COLOUR.good },
    },
    none: "no target",
  }),
  timeSeries({
    title: "Age of the last heartbeat",
    description: "Since the event loop last came round. Rising while the process answers: it is stuck in one task.",
    unit: UNIT.seconds,
    width: 8,
    queries: [
      {
        expression: "time() - max by (role, instance) (plumbline_heartbeat_timestamp_seconds)",
        legend: PROCESS,
      },
    ],
  }),
  timeSeries({
    title: "Scrape duration",
    description: "How long a process takes to answer Prometheus. Near the scrape's interval, samples go missing.",
    unit: UNIT.seconds,
    width: 8,
    queries: [{ expression: 'max by (role, instance) (scrape_duration_seconds{job="plumbline"})', legend: PROCESS }],
  }),
];

const processes = () => [
  timeSeries({
    title: "CPU",
    description: "Seconds of CPU per second: 1 is one core. A scorer at its ceiling with a backlog needs company.",
    unit: UNIT.share,
    width: 8,
    queries: [{ expression: perSecond("process_cpu_seconds_total", "role", "instance"), legend: PROCESS }],
  }),
  timeSeries({
    title: "Memory",
    description: "Resident memory of each process. A slope over days is a leak; a step is a model or a backlog.",
    unit: UNIT.bytes,
    width: 8,
    queries: [{ expression: "max by (role, instance) (process_resident_memory_bytes)", legend: PROCESS }],
  }),
  timeSeries({
    title: "JavaScript heap",
    description: "Heap in use. Saw teeth are well; a floor that rises is a leak.",
    unit: UNIT.bytes,
    width: 8,
    queries: [{ expression: "max by (role, instance) (nodejs_heap_size_used_bytes)", legend: PROCESS }],
  }),
  timeSeries({
    title: "Event loop lag, p99",
    description: "How late timers fire. Beyond the line requests and heartbeats wait behind computation.",
    unit: UNIT.seconds,
    width: 8,
    queries: [{ expression: "max by (role, instance) (nodejs_eventloop_lag_p99_seconds)", legend: PROCESS }],
    limits: [LIMITS.eventLoopLag],
  }),
  timeSeries({
    title: "Garbage collection",
    description: "Share of time spent collecting garbage. Above some per cent the heap is too small for the work.",
    unit: UNIT.share,
    width: 8,
    queries: [
      {
        expression: perSecond("nodejs_gc_duration_seconds_sum", "role", "instance"),
        legend: PROCESS,
      },
    ],
  }),
  timeSeries({
    title: "Open files",
    description: "File descriptors in use, of those the process may have. Sockets count: clients, servers, browsers.",
    unit: UNIT.share,
    width: 8,
    queries: [{ expression: "max by (role, instance) (process_open_fds / process_max_fds)", legend: PROCESS }],
  }),
];

const broker = () => [
  timeSeries({
    title: "Streams: how full",
    description:
      "The larger of messages and bytes over the stream's limit. APPLICATIONS full: publishing is refused; others drop the oldest.",
    unit: UNIT.share,
    width: 6,
    queries: [{ expression: "max by (stream) (plumbline_stream_full_ratio)", legend: "{{stream}}" }],
    limits: [LIMITS.streamFull, LIMITS.streamFullPage],
  }),
  timeSeries({
    title: "Streams: messages",
    description: "Messages that each stream holds. APPLICATIONS only grows while nothing is decided.",
    unit: UNIT.count,
    width: 6,
    queries: [{ expression: "max by (stream) (plumbline_stream_messages)", legend: "{{stream}}" }],
  }),
  timeSeries({
    title: "Streams: bytes",
    description: "Bytes that each stream holds on the broker's disk.",
    unit: UNIT.bytes,
    width: 6,
    queries: [{ expression: "max by (stream) (plumbline_stream_bytes)", legend: "{{stream}}" }],
  }),
  bars({
    title: "Streams: room left",
    description: "Bytes that each stream may still take before it is full.",
    unit: UNIT.bytes,
    width: 6,
    queries: [
      {
        expression: "max by (stream) ((plumbline_stream_max_bytes > 0) - plumbline_stream_bytes)",
        legend: "{{stream}}",
      },
    ],
    none: "no alerts role",
  }),
];

const storage = () => [
  timeSeries({
    title: "Database size",
    description: "Size of Plumbline's database. It levels off once retention deletes as much as comes.",
    unit: UNIT.bytes,
    width: 8,
    queries: [{ expression: "max(plumbline_postgres_size_bytes)", legend: "database" }],
  }),
  timeSeries({
    title: "Database connections",
    description: "Connections of all programs, of those that PostgreSQL allows. At 100 % processes can't start.",
    unit: UNIT.share,
    width: 8,
    queries: [
      {
        expression: share("max(plumbline_postgres_connections)", "max(plumbline_postgres_max_connections)"),
        legend: "taken",
      },
    ],
    limits: [LIMITS.connections],
    max: 1,
  }),
  timeSeries({
    title: "Disk left",
    description:
      "Share of the disk that is free where Plumbline keeps its state. Below the line make room, or all stops.",
    unit: UNIT.share,
    width: 8,
    queries: [
      {
        expression: `min by (host, role) (${share("plumbline_disk_free_bytes", "plumbline_disk_size_bytes")})`,
        legend: "{{host}}",
      },
    ],
    limits: [LIMITS.diskFree, LIMITS.diskFreePage],
    max: 1,
  }),
  timeSeries({
    title: "Rows deleted by retention",
    description: "Rows per minute that were older than what is kept, by table.",
    unit: UNIT.perMinute,
    width: 12,
    queries: [
      {
        expression: `60 * ${perSecond("plumbline_retention_deleted_total", "relation")}`,
        legend: "{{relation}}",
      },
    ],
  }),
  tile({
    title: "Retention last ran",
    description: "Time since retention last ran through. Hours: tables grow, see the log of the alerts role.",
    unit: UNIT.seconds,
    width: 6,
    height: 8,
    queries: [{ expression: "time() - max(plumbline_retention_last_success_timestamp_seconds > 0)", legend: "ago" }],
    limits: [LIMITS.retentionStale],
    none: "not yet",
  }),
  tile({
    title: "Watchdog",
    description: "The alert that always fires: 1 while Prometheus evaluates its rules. 0: no other alert will come.",
    unit: UNIT.count,
    width: 6,
    height: 8,
    queries: [
      { expression: 'count(ALERTS{alertname="Watchdog", alertstate="firing"}) or vector(0)', legend: "Watchdog" },
    ],
    limits: [MARKS.watchdog],
    none: "–",
    more: PAGES.errors,
  }),
];
