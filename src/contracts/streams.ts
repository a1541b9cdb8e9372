import { AckPolicy, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";

/** The whole topology on the broker: every stream and durable consumer, with the settings that matter, in one place. */

export type StreamName = "APPLICATIONS" | "SCORES" | "DEADLETTERS" | "OUTCOMES" | "OBSERVATIONS" | "EVENTS";

/** Settings compared with what the broker returns; times in nanoseconds, sizes in bytes. */
export type StreamDeclaration = {
  readonly name: StreamName;
  readonly subjects: readonly string[];
  readonly storage: StorageType;
  readonly retention: RetentionPolicy;
  readonly discard: DiscardPolicy;
  readonly num_replicas: number;
  readonly max_bytes: number;
  readonly max_msgs: number;
  readonly max_age: number;
  readonly max_msgs_per_subject: number;
  readonly discard_new_per_subject: boolean;
  readonly max_msg_size: number;
  readonly duplicate_window: number;
};

export type ConsumerDeclaration = {
  readonly stream: StreamName;
  readonly durable_name: string;
  readonly ack_policy: AckPolicy;
  readonly deliver_policy: DeliverPolicy;
  readonly ack_wait: number;
  readonly max_deliver: number;
  readonly max_ack_pending: number;
};

/**
 * What operators may size; ages and windows in milliseconds, sizes in bytes. The numbers of messages are chosen to be
 * reached before the bytes: brokers older than 2.10.5 count the last message's bytes wrongly, and make room for it in a
 * stream that is full by evicting the oldest, `discard: new` or not. The number they count right.
 */
export type StreamLimits = {
  readonly replicas: number;
  readonly applicationsMaxBytes: number;
  readonly applicationsMaxMessages: number;
  readonly outcomesMaxBytes: number;
  readonly outcomesMaxMessages: number;
  readonly scoresMaxBytes: number;
  readonly scoresMaxMessages: number;
  readonly scoresMaxAgeMs: number;
  readonly deadLettersMaxBytes: number;
  readonly deadLettersMaxMessages: number;
  readonly deadLettersMaxAgeMs: number;
  readonly observationsMaxBytes: number;
  readonly observationsMaxAgeMs: number;
  readonly eventsMaxBytes: number;
  readonly eventsMaxAgeMs: number;
  readonly duplicateWindowMs: number;
};

const NANOS_PER_MS = 1_000_000;
const ANY_SIZE = -1;
const ANY_NUMBER = -1;
/** What the broker must take: its own default. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Below it, so that a rejected payload and its headers fit a dead letter. */
const MAX_INPUT_MESSAGE_BYTES = 960 * 1024;

export function streamDeclarations(limits: StreamLimits): Record<StreamName, StreamDeclaration> {
  const common = {
    storage: StorageType.File,
    // The default, `old`, would silently drop events that nobody has processed yet.
    discard: DiscardPolicy.New,
    num_replicas: limits.replicas,
    duplicate_window: limits.duplicateWindowMs * NANOS_PER_MS,
  };
  // A settled message leaves a work queue, so that max_bytes bounds the backlog and not the history.
  const input = {
    ...common,
    retention: RetentionPolicy.Workqueue,
    max_age: 0,
    max_msgs_per_subject: ANY_SIZE,
    discard_new_per_subject: false,
    max_msg_size: MAX_INPUT_MESSAGE_BYTES,
  };
  // One message per subject, later ones refused: the guard that makes a repeated publish harmless.
  const guarded = {
    ...common,
    retention: RetentionPolicy.Limits,
    max_msgs_per_subject: 1,
    discard_new_per_subject: true,
    max_msg_size: ANY_SIZE,
  };
  // What the record holds and makes again: the oldest may go to make room.
  const passing = {
    ...common,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs: ANY_NUMBER,
    max_msgs_per_subject: ANY_NUMBER,
    discard_new_per_subject: false,
    max_msg_size: ANY_SIZE,
  };
  return {
    OBSERVATIONS: {
      name: "OBSERVATIONS",
      subjects: ["observations.*"],
      ...passing,
      max_bytes: limits.observationsMaxBytes,
      max_age: limits.observationsMaxAgeMs * NANOS_PER_MS,
    },
    EVENTS: {
      name: "EVENTS",
      subjects: ["events.>"],
      ...passing,
      max_bytes: limits.eventsMaxBytes,
      max_age: limits.eventsMaxAgeMs * NANOS_PER_MS,
    },
    APPLICATIONS: {
      name: "APPLICATIONS",
      subjects: ["applications.>"],
      ...input,
      max_bytes: limits.applicationsMaxBytes,
      max_msgs: limits.applicationsMaxMessages,
    },
    OUTCOMES: {
      name: "OUTCOMES",
      subjects: ["outcomes.>"],
      ...input,
      max_bytes: limits.outcomesMaxBytes,
      max_msgs: limits.outcomesMaxMessages,
    },
    SCORES: {
      name: "SCORES",
      subjects: ["scores.>"],
      ...guarded,
      max_bytes: limits.scoresMaxBytes,
      max_msgs: limits.scoresMaxMessages,
      max_age: limits.scoresMaxAgeMs * NANOS_PER_MS,
    },
    DEADLETTERS: {
      name: "DEADLETTERS",
      subjects: ["deadletters.>"],
      ...guarded,
      max_bytes: limits.deadLettersMaxBytes,
      max_msgs: limits.deadLettersMaxMessages,
      max_age: limits.deadLettersMaxAgeMs * NANOS_PER_MS,
    },
  };
}

/** The durable pull consumer that all drift consumers share. */
export function driftConsumer(ackWaitMs: number): ConsumerDeclaration {
  return {
    stream: "OBSERVATIONS",
    durable_name: "drift",
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ackWaitMs * NANOS_PER_MS,
    max_deliver: -1,
    max_ack_pending: 1_000,
  };
}

/** The durable pull consumer that all scorers share. */
export function scorerConsumer(ackWaitMs: number): ConsumerDeclaration {
  return {
    stream: "APPLICATIONS",
    durable_name: "scorer",
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ackWaitMs * NANOS_PER_MS,
    // At a limit the broker would stop delivering and keep the message; poison is decided in code.
    max_deliver: -1,
    // Room for dozens of scorers; beyond it the broker would starve some of them.
    max_ack_pending: 50_000,
  };
}
