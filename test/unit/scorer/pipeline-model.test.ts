import fc from "fast-check";
import { expect, test } from "vitest";
import { type StoredDecision, scoreEvent } from "../../../src/contracts/score.ts";
import { createValidator } from "../../../src/models/validate.ts";
import { deliveryOf } from "../../../src/platform/delivery.ts";
import { type ModelParts, processBatch } from "./model-batch.ts";
import { createModelBroker, type Sent } from "./model-broker.ts";
import { createModelRecord } from "./model-record.ts";

/**
 * The delivery guarantee over random interleavings of what can happen to several scorers: deliveries, crashes between
 * any two steps, redeliveries while the first receiver still works, forgotten acknowledgements, duplicates, requeues.
 */

const SCORERS = 3;
const IDS = 4;

type Action =
  | { readonly do: "send"; readonly id: number; readonly form: keyof typeof FORMS }
  | { readonly do: "deliver"; readonly scorer: number; readonly count: number }
  | { readonly do: "step"; readonly scorer: number; readonly steps: number }
  | { readonly do: "crash"; readonly scorer: number }
  | { readonly do: "time out" }
  | { readonly do: "restart the broker"; readonly forgotten: number }
  | { readonly do: "requeue" };

const FORMS = {
  plain: (id: string) => `{"application_id":"${id}","submitted_at":"2026-01-01T00:00:00Z","features":{"x":1}}`,
  reworded: (id: string) =>
    `{"features":{"y":null, "x":1.0}, "submitted_at":"2026-01-01T01:00:00+01:00", "application_id":"${id}"}`,
  amended: (id: string) => `{"application_id":"${id}","submitted_at":"2026-01-01T00:00:00Z","features":{"x":2}}`,
  malformed: (id: string) => `{"application_id":"${id}"`,
};

const scorer = fc.nat(SCORERS - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), id: fc.nat(IDS - 1), form: form() }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("deliver" as const), scorer, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("step" as const), scorer, steps: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), scorer }) },
  { weight: 2, arbitrary: fc.constant({ do: "time out" as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart the broker" as const), forgotten: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ do: "requeue" as const }) },
);

function form(): fc.Arbitrary<keyof typeof FORMS> {
  return fc.constantFrom("plain", "plain", "reworded", "amended", "malformed");
}

const features = [
  { name: "x", type: "numeric", required: true, min: 0, max: 9, reason: { code: "R", text: "x" } },
] as const;

/** What a scorer is at. */
type Work = { readonly batch: Generator<void, void>; readonly sequences: readonly number[] };

function sequenceIn(deadLetterSubject: string): number {
  return Number(deadLetterSubject.split(".")[3]);
}

/** Plays the actions, then lets one scorer finish what is left; returns what the world looks like. */
function play(actions: readonly Action[], acknowledgesFirst: boolean) {
  const broker = createModelBroker();
  const record = createModelRecord();
  let opinions = 0;
  const parts: ModelParts = {
    broker,
    record,
    validator: createValidator({ features }),
    acknowledgesFirst,
    score() {
      opinions++;
      return { score: opinions / 1e6, decision: (["approve", "refer", "decline"] as const)[opinions % 3]! };
    },
  };
  const working: (Work | undefined)[] = Array.from({ length: SCORERS });

  const steps: { [Do in Action["do"]]: (action: Extract<Action, { do: Do }>) => void } = {
    send: ({ id, form }) => void broker.send("applications.web", FORMS[form](`id-${id}`)),
    deliver({ scorer, count }) {
      if (working[scorer] !== undefined) return;
      const messages = broker.deliver(count);
      working[scorer] = {
        batch: processBatch(parts, messages),
        sequences: messages.map((one) => deliveryOf(one).sequence),
      };
    },
    step({ scorer, steps }) {
      for (let n = 0; n < steps; n++) if (working[scorer]?.batch.next().done) working[scorer] = undefined;
    },
    crash({ scorer }) {
      working[scorer] = undefined;
    },
    "time out": () => broker.timeOut(),
    "restart the broker": ({ forgotten }) => broker.restart(forgotten),
    requeue() {
      // Not while a scorer is at it: one that has read the dead letter before it was requeued publishes it again.
      const held = working.flatMap((work) => work?.sequences ?? []);
      const found = [...broker.published.keys()].find(
        (subject) => subject.startsWith("deadletters.") && !held.includes(sequenceIn(subject)),
      );
      if (found === undefined) return;
      const sequence = sequenceIn(found);
      const { subject, payload } = broker.sent.get(sequence)!;
      broker.send(subject, payload);
      record.requeue(sequence);
      broker.remove(found);
    },
  };
  for (const action of actions) (steps[action.do] as (action: Action) => void)(action);
  // Those that were still at it go on, and what they left is delivered again.
  for (const work of working) for (const _ of work?.batch ?? []);
  for (let rounds = 0; broker.open() > 0 && rounds < 100; rounds++) {
    broker.timeOut();
    for (const _ of processBatch(parts, broker.deliver(3)));
  }
  return { broker, record };
}

/** What breaks the guarantee; empty when nothing does. */
function breaches({ broker, record }: ReturnType<typeof play>): string[] {
  const found: string[] = [];
  if (broker.open() > 0) found.push("messages are not settled");
  const decisions = record.rows().filter((row) => row.kind === "decision");
  const letters = record.rows().filter((row) => row.kind === "dead_letter");
  const firstOf = new Map(decisions.map(({ decision }) => [decision.applicationId, decision.sequence]));
  const sequences = new Set([...firstOf.values(), ...letters.map(({ sequence }) => sequence)]);
  if (sequences.size < decisions.length + letters.length) found.push("a message or an application has two rows");

  for (const sent of broker.sent.values()) {
    if (sequences.has(sent.sequence)) continue;
    // Neither decided nor dead-lettered: its content must have been decided under another sequence.
    const first = broker.sent.get(firstOf.get(idOf(sent)) ?? 0);
    if (first === undefined || contentOf(first) !== contentOf(sent)) found.push(`${sent.sequence} is lost`);
  }
  const owed = new Map(
    decisions.map(({ decision }) => [scoreSubjectOf(decision), JSON.stringify(scoreEvent(decision))]),
  );
  for (const { sequence, rejection, requeued } of letters) {
    if (requeued) continue;
    owed.set(`deadletters.${rejection.reason}.applications.${sequence}`, broker.sent.get(sequence)!.payload);
  }
  for (const [subject, payload] of owed) {
    if (broker.published.get(subject) !== payload) found.push(`${subject} is missing, or other bytes`);
  }
  for (const subject of broker.published.keys()) if (!owed.has(subject)) found.push(`${subject} is nobody's`);
  // Not even a publication that was refused may be a second opinion.
  for (const { subject, payload } of broker.attempts) {
    if (subject.startsWith("scores.") && owed.get(subject) !== payload) found.push(`${subject}: a second opinion`);
  }
  return found;
}

function scoreSubjectOf({ channel, decision, applicationId }: StoredDecision): string {
  return `scores.${channel}.${decision}.${applicationId}`;
}

function idOf({ payload }: Sent): string {
  return /id-\d/.exec(payload)![0];
}

/** The forms that have the same content, named by it. */
function contentOf({ payload }: Sent): string {
  return /"x":(\d)/.exec(payload)?.[1] ?? "malformed";
}

const actions = fc.array(action, { minLength: 5, maxLength: 80, size: "max" });

test("every message ends in exactly one way, whatever happens in whatever order", { timeout: 60_000 }, () => {
  const holds = fc.property(actions, (chosen) => {
    expect(breaches(play(chosen, false))).toEqual([]);
  });
  fc.assert(holds, { numRuns: 1_000 });
});

test("a pipeline that acknowledges before it publishes is found out", () => {
  const holds = fc.property(actions, (chosen) => breaches(play(chosen, true)).length === 0);
  expect(fc.check(holds, { numRuns: 1_000, endOnFailure: true }).failed).toBe(true);
});
