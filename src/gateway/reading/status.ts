import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import type { AlertSeverity } from "../../contracts/alert.ts";
import type { DriftReport } from "../../contracts/drift-report.ts";
import type { ConsumerDeclaration } from "../../contracts/streams.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Readiness } from "../../platform/health.ts";
import type { HeartbeatWatch } from "../../platform/heartbeats.ts";
import type { Logger } from "../../platform/log.ts";
import type { Database } from "../../platform/postgres.ts";
import { pause } from "../../platform/retry.ts";
import { readNewestReport, readProvisional } from "./drift-rows.ts";
import type { DecisionCounts, LiveFigures } from "./live-figures.ts";

export type StatusParts = {
  readonly jsm: JetStreamManager;
  readonly database: Database;
  readonly scorers: ConsumerDeclaration;
  readonly heartbeats: HeartbeatWatch;
  readonly live: LiveFigures;
  /** How many alerts fire. */
  readonly countFiring: () => Promise<FiringCounts>;
  /** Of the newest score that the gateway has seen in SCORES. */
  readonly lastSequence: () => number;
  readonly readiness: () => Readiness;
  readonly log: Logger;
};

export type StatusBoard = { read(): object; stop(): Promise<void> };

type FiringCounts = Readonly<Record<AlertSeverity, number>>;
type ModelStatus = { name: string; version: string; sha256: string; reference_decisions: DecisionCounts | null };

/** What servers were asked for last; null where they did not answer. */
type Sample = {
  pending: { applications: number; ack_pending: number } | null;
  deadLetters: number | null;
  firing: FiringCounts | null;
  models: ModelStatus[] | null;
  report: { report: DriftReport; reportedAt: Date } | null;
  provisional: DriftReport | null;
};

const SAMPLE_EVERY_MS = 2_000;
const STOP_WITHIN_MS = 1_000;
/** What hasn't been said by then is not known just now; a black hole would keep the last figures in sight for long. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * The state of the whole at a glance. The servers are asked every two seconds, however many ask for it; what they could
 * not be asked is null rather than old.
 */
export function watchStatus(parts: StatusParts): StatusBoard {
  const { heartbeats, live, lastSequence, readiness, log } = parts;
  let sample: Sample = {
    pending: null,
    deadLetters: null,
    firing: null,
    models: null,
    report: null,
    provisional: null,
  };
  let stopped = false;
  let wake: () => void = () => {};
  const loop = (async () => {
    while (!stopped) {
      sample = await takeSample(parts, log);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, SAMPLE_EVERY_MS);
      });
    }
  })();

  return {
    read() {
      const roles = heartbeats.roles();
      const { nats = false, postgres = false } = readiness();
      // Not heard of at all is as stale as silent: a verdict is only as good as whoever watches.
      const isWatched = roles.some(({ role, stale }) => role === "drift" && !stale);
      return {
        at: new Date().toISOString(),
        health: {
          nats: nats && sample.pending !== null,
          postgres: postgres && sample.models !== null,
          roles: roles.map(({ role, instances, ready, lastSeenAt, stale }) => ({
            role,
            instances,
            ready,
            last_seen_at: new Date(lastSeenAt).toISOString(),
            stale,
          })),
        },
        pending: sample.pending,
        live: live.read(),
        // All up to it are stored: who reads those and subscribes from the next one misses none.
        last_sequence: lastSequence(),
        dead_letters: sample.deadLetters,
        alerts: sample.firing && { firing: sample.firing },
        models: sample.models,
        drift: sample.report && driftStatus(sample.report, sample.provisional, !isWatched),
      };
    },
    async stop() {
      stopped = true;
      wake();
      // A server that is away may keep a question open for longer than anybody waits for a stop.
      await Promise.race([loop, pause(STOP_WITHIN_MS)]);
    },
  };
}

function driftStatus(
  { report, reportedAt }: NonNullable<Sample["report"]>,
  provisional: DriftReport | null,
  stale: boolean,
): object {
  const { model, severity, status, window, applications, drift_score } = report;
  return {
    model: model.name,
    severity,
    status,
    window,
    applications,
    drift_score,
    reported_at: reportedAt.toISOString(),
    provisional_severity: provisional?.model.name === model.name ? provisional.severity : null,
    stale,
  };
}

async function takeSample({ jsm, database, scorers, countFiring }: StatusParts, log: Logger): Promise<Sample> {
  const asked = <T>(what: string, answer: Promise<T>): Promise<T | null> =>
    within(ANSWER_WITHIN_MS, answer).catch((error: unknown) => {
      log.debug({ what, error: messageOf(error) }, "the status can't be asked for");
      return null;
    });
  const [pending, deadLetters, firing, models, report, provisional] = await Promise.all([
    asked("pending", readPending(jsm, scorers)),
    asked(
      "dead letters",
      jsm.streams.info("DEADLETTERS").then(({ state }) => state.messages),
    ),
    asked("alerts", countFiring()),
    asked("models", readModels(database)),
    asked("drift", readNewestReport(database)),
    asked("drift", readProvisional(database, {})),
  ]);
  return { pending, deadLetters, firing, models, report: report ?? null, provisional: provisional ?? null };
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeUp = pause(ms, late.signal).then(() => {
    throw new Error(`no answer within ${ms / 1000} s`);
  });
  try {
    return await Promise.race([answer, timeUp]);
  } finally {
    timeUp.catch(() => {});
    late.abort();
  }
}

async function readPending(jsm: JetStreamManager, { stream, durable_name }: ConsumerDeclaration) {
  try {
    const { num_pending, num_ack_pending } = await jsm.consumers.info(stream, durable_name);
    return { applications: num_pending + num_ack_pending, ack_pending: num_ack_pending };
  } catch (error) {
    const isAbsent = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound;
    if (!isAbsent) throw error;
    // The first scorer makes the consumer; until then everything waits.
    const { state } = await jsm.streams.info(stream);
    return { applications: state.messages, ack_pending: 0 };
  }
}

/** Each model's newest version, with the decisions of its reference set. */
async function readModels(database: Database): Promise<ModelStatus[]> {
  const { rows } = await database.query<ModelStatus>(
    `select distinct on (name) name, version, sha256, case when reference -> 'decisions' ->> 'approve' is not null then
       json_build_object('approve', reference -> 'decisions' -> 'approve', 'refer', reference -> 'decisions' -> 'refer',
         'decline', reference -> 'decisions' -> 'decline') end as reference_decisions
     from public.models order by name, registered_at desc, id desc`,
  );
  return rows;
}
