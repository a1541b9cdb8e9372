import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_BYTES, scorerConsumer, streamDeclarations } from "../../../src/contracts/streams.ts";

const SECOND = 1_000_000_000;
const streams = streamDeclarations({
  replicas: 3,
  applicationsMaxBytes: 1_000,
  applicationsMaxMessages: 10,
  outcomesMaxBytes: 2_000,
  outcomesMaxMessages: 20,
  scoresMaxBytes: 3_000,
  scoresMaxMessages: 30,
  scoresMaxAgeMs: 48 * 3_600_000,
  deadLettersMaxBytes: 4_000,
  deadLettersMaxMessages: 40,
  deadLettersMaxAgeMs: 30 * 86_400_000,
  observationsMaxBytes: 5_000,
  observationsMaxAgeMs: 86_400_000,
  eventsMaxBytes: 6_000,
  eventsMaxAgeMs: 86_400_000,
  duplicateWindowMs: 120_000,
});

describe("the declared streams", () => {
  const common = { storage: "file", discard: "new", num_replicas: 3, duplicate_window: 120 * SECOND };
  const input = {
    ...common,
    retention: "workqueue",
    max_age: 0,
    max_msg_size: 983_040,
    discard_new_per_subject: false,
  };
  // The record holds what they hold, so the oldest may go.
  const passing = {
    ...common,
    retention: "limits",
    discard: "old",
    max_msgs: -1,
    max_msgs_per_subject: -1,
    discard_new_per_subject: false,
    max_msg_size: -1,
    max_age: 86_400 * SECOND,
  };
  const guarded = { ...common, retention: "limits", max_msgs_per_subject: 1, discard_new_per_subject: true };

  it("have the contract's settings", () => {
    expect(streams).toEqual({
      OBSERVATIONS: { ...passing, name: "OBSERVATIONS", subjects: ["observations.*"], max_bytes: 5_000 },
      EVENTS: { ...passing, name: "EVENTS", subjects: ["events.>"], max_bytes: 6_000 },
      APPLICATIONS: {
        ...{ ...input, name: "APPLICATIONS", subjects: ["applications.>"], max_bytes: 1_000, max_msgs: 10 },
        max_msgs_per_subject: -1,
      },
      OUTCOMES: {
        ...{ ...input, name: "OUTCOMES", subjects: ["outcomes.>"], max_bytes: 2_000, max_msgs: 20 },
        max_msgs_per_subject: -1,
      },
      SCORES: {
        ...{ ...guarded, name: "SCORES", subjects: ["scores.>"], max_bytes: 3_000, max_msgs: 30 },
        ...{ max_age: 172_800 * SECOND, max_msg_size: -1 },
      },
      DEADLETTERS: {
        ...{ ...guarded, name: "DEADLETTERS", subjects: ["deadletters.>"], max_bytes: 4_000, max_msgs: 40 },
        ...{ max_age: 2_592_000 * SECOND, max_msg_size: -1 },
      },
    });
  });

  it("let a rejected event of the largest size, with its headers, into a dead letter below the broker's 1 MiB", () => {
    expect(MAX_MESSAGE_BYTES).toBe(2 ** 20);
    expect(MAX_MESSAGE_BYTES - streams.APPLICATIONS.max_msg_size).toBeGreaterThanOrEqual(64 * 1024);
  });
});

describe("the scorers' consumer", () => {
  it("is shared, never gives up on a message, and lets every message be acknowledged by itself", () => {
    expect(scorerConsumer(30_000)).toEqual({
      stream: "APPLICATIONS",
      durable_name: "scorer",
      ack_policy: "explicit",
      deliver_policy: "all",
      ack_wait: 30 * SECOND,
      max_deliver: -1,
      max_ack_pending: 50_000,
    });
  });
});
