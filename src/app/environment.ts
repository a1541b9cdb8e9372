import { fileURLToPath } from "node:url";
import type { StreamLimits } from "../contracts/streams.ts";
import { SHORTEST_SECRET } from "../gateway/access/secret-file.ts";
import { LOG_LEVELS } from "../platform/log.ts";
import { withSecretFiles } from "../platform/secret-files.ts";
import {
  duration,
  instant,
  integer,
  keeping,
  networks,
  oneOf,
  origins,
  readVariables,
  secret,
  size,
  text,
  textOr,
  url,
  urls,
  type Values,
} from "../platform/variables.ts";
import { type TimeGrid, timeGrid } from "../statistics/panes.ts";

/** The folder of the checkout or image. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const MIGRATIONS = `${ROOT}migrations`;

/** Everything that the environment decides; this file alone reads it. `.env.example` and docs/configuration.md are generated from this table. */
export const VARIABLES = {
  NATS_URL: urls(["nats", "tls"], "NATS servers, comma-separated. Unset: the server that `plumbline up` started."),
  NATS_CREDS: text("Path of a NATS credentials file."),
  DATABASE_URL: url(
    ["postgres", "postgresql"],
    "PostgreSQL, e.g. postgres://user:password@host:5432/plumbline?sslmode=require. Unset: the server that `plumbline up` started.",
  ),
  PLUMBLINE_HOME: textOr(
    ".plumbline",
    "Folder of the embedded servers' data, and of what each running process announces.",
  ),
  LOG_LEVEL: oneOf(LOG_LEVELS, "info", "How much is logged: trace, debug, info, warn, error or silent."),
  STREAM_REPLICAS: integer([1, 5], 1, "Copies of each stream; 3 on a NATS cluster."),
  APPLICATIONS_MAX_BYTES: size("2GiB", "Size of the backlog of applications; a full stream refuses its publishers."),
  APPLICATIONS_MAX_MESSAGES: integer([1, 1e9], 1_000_000, "The most applications in the backlog (docs/sizing.md)."),
  OUTCOMES_MAX_BYTES: size("256MiB", "Size of the backlog of outcomes."),
  OUTCOMES_MAX_MESSAGES: integer([1, 1e9], 1_000_000, "The most outcomes in the backlog."),
  SCORES_MAX_BYTES: size("4GiB", "Size of the score events that are kept (docs/sizing.md)."),
  SCORES_MAX_MESSAGES: integer([1, 1e9], 4_000_000, "The most score events that are kept."),
  SCORES_MAX_AGE: duration("48h", "How long score events are kept."),
  DEADLETTERS_MAX_BYTES: size("1GiB", "Size of the dead letters that are kept."),
  DEADLETTERS_MAX_MESSAGES: integer([1, 1e9], 500_000, "The most dead letters that are kept."),
  DEADLETTERS_MAX_AGE: duration("30d", "How long dead letters are kept."),
  OBSERVATIONS_MAX_BYTES: size("256MiB", "Size of the observations that are kept for those who listen."),
  OBSERVATIONS_MAX_AGE: duration("48h", "How long observations are kept for those who listen."),
  EVENTS_MAX_BYTES: size("256MiB", "Size of the events (drift reports, alerts) that are kept."),
  EVENTS_MAX_AGE: duration("30d", "How long events are kept."),
  DUPLICATE_WINDOW: duration("2m", "How long the broker itself recognises a repeated Nats-Msg-Id."),
  ACK_WAIT: duration("30s", "After this long without an acknowledgement an application is given to another scorer."),
  UP_NATS_PORT: integer([0, 65_535], 0, "Port of the embedded NATS; 0 is a free one."),
  UP_POSTGRES_PORT: integer([0, 65_535], 0, "Port of the embedded PostgreSQL; 0 is a free one."),
  PLUMBLINE_PORT: integer([0, 65_535], 8080, "Port of the gateway: HTTP, WebSocket, console; 0 is a free one."),
  GATEWAY_HOST: textOr("127.0.0.1", "Address that the gateway listens on; 0.0.0.0 is all of the machine's."),
  GATEWAY_PORT: integer([0, 65_535], 0, "Port of the gateway's own /livez, /readyz and /metrics; 0 is a free one."),
  GATEWAY_JWT_SECRET: secret(
    SHORTEST_SECRET,
    "Signs and verifies tokens (HS256). Unset: the secret in $PLUMBLINE_HOME/gateway-secret, made once.",
  ),
  GATEWAY_JWKS_URL: url(
    ["http", "https"],
    "Keys of the identity provider whose tokens are taken, instead of a secret; with GATEWAY_JWT_ISSUER and GATEWAY_JWT_AUDIENCE.",
  ),
  GATEWAY_JWT_ISSUER: text("The `iss` that tokens of the identity provider have."),
  GATEWAY_JWT_AUDIENCE: text("The `aud` that tokens of the identity provider have."),
  GATEWAY_ORIGINS: origins("Other origins whose pages may ask the gateway, comma-separated. Unset: none."),
  GATEWAY_FARO_URL: url(
    ["http", "https"],
    "A Faro receiver (Grafana Alloy) that gets what the console's pages say of themselves, e.g. http://alloy:12347/collect. Unset: none.",
  ),
  GATEWAY_RATE_LIMIT: integer([1, 1e6], 2_000, "The most requests per token and second."),
  GATEWAY_TRUST_PROXY: networks(
    "Reverse proxies whose X-Forwarded-For says which address a request is from, comma-separated. Unset: none, it is the connection's.",
  ),
  DRIFT_WINDOW: duration("24h", "Width of the windows that drift is judged on; the same for scorers and drift."),
  DRIFT_ORIGIN: instant("1970-01-01", "Where a window begins; all others follow from it."),
  DRIFT_MIN_SAMPLES: integer([50, 1e9], 500, "A window with fewer applications is extended, up to 30 days."),
  DRIFT_LATENESS: duration("5m", "How much later than newer ones an application may come before its window closes."),
  DRIFT_PORT: integer([0, 65_535], 0, "Port of the drift role's /livez, /readyz and /metrics; 0 is a free one."),
  ALERTS_PORT: integer([0, 65_535], 0, "Port of the alerts role's /livez, /readyz and /metrics; 0 is a free one."),
  ALERTS_ALERTMANAGER_URL: url(
    ["http", "https"],
    "Alertmanager, asked for alerts whose notification never came, e.g. http://alertmanager:9093. Unset: it isn't asked.",
  ),
  ALERTS_RECONCILE_EVERY: duration("15s", "How often Alertmanager is asked; what differs for 4 rounds is set right."),
  RETENTION_APPLICATIONS: keeping(
    "forever",
    "How long decided applications and what was decided are kept; longer than SCORES_MAX_AGE and DEADLETTERS_MAX_AGE. An application that comes again after that is decided again.",
    "90d",
  ),
  RETENTION_DRIFT_REPORTS: keeping("800d", "How long drift reports are kept after they were made.", "1d"),
  RETENTION_ALERTS: keeping("400d", "How long alerts are kept after they were resolved.", "1d"),
  RETENTION_API_USAGE: keeping("90d", "How long the counts of API requests per minute are kept.", "1d"),
  RETENTION_AUDIT: keeping("forever", "How long the audit trail is kept.", "365d"),
  RETENTION_TOKENS: keeping("400d", "How long tokens stay listed after they expired.", "1d"),
  RETENTION_SYSTEM_HEALTH: keeping("30d", "How long the system's health per minute is kept.", "1d"),
  SCORER_BUNDLE: textOr(
    `models/lendingclub`,
    "Folder of the model bundle; a relative one is looked for in the installation.",
  ),
  SCORER_PORT: integer([0, 65_535], 0, "Port of the scorer's /livez, /readyz and /metrics; 0 is a free one."),
  SCORER_BATCH_SIZE: integer([1, 1_024], 256, "The most applications in a batch."),
  SCORER_OBSERVATIONS: oneOf(
    ["on", "off"],
    "on",
    "Whether scorers count what they decide, for drift; off where no drift consumer runs.",
  ),
  SCORER_BATCHES_IN_FLIGHT: integer([1, 32], 4, "The most batches that a scorer works on at the same time."),
} as const;

export type Environment = Values<typeof VARIABLES>;

/** Those that hold a password: each may be in a file, whose path is in the variable of the same name with `_FILE`. */
export const SECRETS = ["NATS_URL", "DATABASE_URL", "GATEWAY_JWT_SECRET"] as const satisfies (keyof typeof VARIABLES)[];

/** @throws UsageError that reports all faults together. */
export function readEnvironment(): Environment {
  return readVariables(VARIABLES, withSecretFiles(SECRETS, process.env), disagreements);
}

/** The record tells what is a repetition: it outlives the events and dead letters that an application may come again from. */
function disagreements(values: Environment): string[] {
  const kept = ["SCORES_MAX_AGE", "DEADLETTERS_MAX_AGE"] as const;
  return kept
    .filter((name) => values[name] >= values.RETENTION_APPLICATIONS)
    .map((name) => `RETENTION_APPLICATIONS must be longer than ${name}`);
}

type Settings = Partial<Record<keyof typeof VARIABLES, string>>;

/** The environment of a process that we start: ours, with some variables set, and others where they aren't yet. */
export function childEnvironment(overrides: Settings, unlessSet: Settings = {}): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...unlessSet, ...process.env, ...overrides };
  // What we say ourselves isn't read from a file as well.
  for (const name of SECRETS) if (overrides[name] !== undefined) delete environment[`${name}_FILE`];
  return environment;
}

/** How scorers and the drift consumer cut event time. */
export function driftGrid({ DRIFT_ORIGIN, DRIFT_WINDOW }: Environment): TimeGrid {
  return timeGrid(DRIFT_ORIGIN, DRIFT_WINDOW);
}

export function streamLimits(environment: Environment): StreamLimits {
  return {
    replicas: environment.STREAM_REPLICAS,
    applicationsMaxBytes: environment.APPLICATIONS_MAX_BYTES,
    applicationsMaxMessages: environment.APPLICATIONS_MAX_MESSAGES,
    outcomesMaxBytes: environment.OUTCOMES_MAX_BYTES,
    outcomesMaxMessages: environment.OUTCOMES_MAX_MESSAGES,
    scoresMaxBytes: environment.SCORES_MAX_BYTES,
    scoresMaxMessages: environment.SCORES_MAX_MESSAGES,
    scoresMaxAgeMs: environment.SCORES_MAX_AGE,
    deadLettersMaxBytes: environment.DEADLETTERS_MAX_BYTES,
    deadLettersMaxMessages: environment.DEADLETTERS_MAX_MESSAGES,
    deadLettersMaxAgeMs: environment.DEADLETTERS_MAX_AGE,
    observationsMaxBytes: environment.OBSERVATIONS_MAX_BYTES,
    observationsMaxAgeMs: environment.OBSERVATIONS_MAX_AGE,
    eventsMaxBytes: environment.EVENTS_MAX_BYTES,
    eventsMaxAgeMs: environment.EVENTS_MAX_AGE,
    duplicateWindowMs: environment.DUPLICATE_WINDOW,
  };
}
