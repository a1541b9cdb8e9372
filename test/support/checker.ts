import { isDeepStrictEqual } from "node:util";
import { readLetterRows, readScoreRows, readStream, type ScoreRow, type StreamMessage } from "./delivered.ts";
import { contentOf, expectedScore, idOf, parseEvent, present } from "./expected-score.ts";
import type { Acknowledged, Outgoing, Published } from "./publish.ts";
import type { TestBed } from "./test-bed.ts";
import { createViolations, type Violations } from "./violations.ts";

/** How the messages ended. `violations` are breaches of the delivery guarantee: none, or the test has failed. */
export type Verdict = {
  readonly violations: string[];
  readonly decisions: number;
  readonly repetitions: number;
  readonly deadLetters: number;
};

type Ending = "decision" | "repetition" | "dead letter" | "lost";

type Evidence = {
  readonly messages: ReadonlyMap<number, Acknowledged>;
  readonly unanswered: readonly Outgoing[];
  readonly rows: readonly ScoreRow[];
  readonly rowsBySequence: ReadonlyMap<number, readonly ScoreRow[]>;
  readonly rowsById: ReadonlyMap<string, readonly ScoreRow[]>;
  readonly letters: ReadonlyMap<number, readonly StreamMessage[]>;
  readonly results: ReadonlyMap<string, readonly StreamMessage[]>;
};

/**
 * Compares what the broker acknowledged with the rows in `scores` and the messages in SCORES and DEADLETTERS, when all
 * is quiet: each message has ended in exactly one way, and what was published are the very bytes of what is stored.
 */
export async function checkDelivery(bed: TestBed, published: Published): Promise<Verdict> {
  const violations = createViolations();
  await checkEmpty(bed, violations);
  const rows = await readScoreRows(bed.database);
  const letters = await readStream(bed.js, bed.jsm, "DEADLETTERS");
  const results = await readStream(bed.js, bed.jsm, "SCORES");
  const evidence: Evidence = {
    messages: new Map(published.acknowledged.map((message) => [message.sequence, message])),
    unanswered: published.unanswered,
    rows,
    rowsBySequence: Map.groupBy(rows, (row) => row.sequence),
    rowsById: Map.groupBy(rows, (row) => row.application_id),
    letters: Map.groupBy(letters, (letter) => Number(letter.headers?.get("Plumbline-Sequence"))),
    results: Map.groupBy(results, (result) => idOf(result.payload) ?? "(none)"),
  };
  const endings = [...evidence.messages.values()].map((message) => endingOf(message, evidence, violations));
  for (const row of rows) checkRow(row, evidence, violations);
  for (const [id, ofId] of evidence.results) {
    if (!evidence.rowsById.has(id)) violations.add("result without a decision", id);
    if (ofId.length > 1) violations.add("duplicate result", id);
  }
  for (const [sequence, ofSequence] of evidence.letters) checkLetters(sequence, ofSequence, evidence, violations);
  const recorded = await readLetterRows(bed.database);
  for (const { sequence } of recorded) {
    if (!evidence.letters.has(sequence)) violations.add("recorded dead letter that was not published", `${sequence}`);
  }
  const unrecorded = new Set(evidence.letters.keys()).difference(new Set(recorded.map(({ sequence }) => sequence)));
  for (const sequence of unrecorded) violations.add("dead letter without a record", `${sequence}`);

  const count = (ending: Ending) => endings.filter((one) => one === ending).length;
  return {
    violations: violations.lines(),
    decisions: count("decision"),
    repetitions: count("repetition"),
    deadLetters: count("dead letter"),
  };
}

async function checkEmpty({ jsm }: TestBed, violations: Violations): Promise<void> {
  const { state } = await jsm.streams.info("APPLICATIONS");
  if (state.messages > 0) violations.add("message left in APPLICATIONS", `${state.messages} from ${state.first_seq}`);
}

function endingOf(message: Acknowledged, evidence: Evidence, violations: Violations): Ending {
  const { sequence, payload, expected } = message;
  const rows = evidence.rowsBySequence.get(sequence) ?? [];
  const letters = evidence.letters.get(sequence) ?? [];
  if (rows.length > 0 && letters.length > 0) violations.add("both decided and dead-lettered", `${sequence}`);
  if (rows.length > 0) {
    if (expected !== undefined) violations.add(`decided, but must be ${expected}`, `${sequence}`);
    return "decision";
  }
  const first = firstOf(message, evidence);
  if (letters.length > 0) {
    const reason = letters[0]!.headers?.get("Plumbline-Reason");
    const isConflict = first !== undefined && contentOf(first) !== contentOf(payload);
    const right = expected ?? (isConflict ? "id_conflict" : "no dead letter");
    if (reason !== right) violations.add(`dead letter as ${reason}, but must be ${right}`, `${sequence}`);
    return "dead letter";
  }
  if (expected === undefined && first !== undefined && contentOf(first) === contentOf(payload)) return "repetition";
  violations.add("lost", `${sequence} on ${message.subject}`);
  return "lost";
}

/** The payload of the decided application that has a message's id; undefined when there is none. */
function firstOf({ payload, expected }: Acknowledged, evidence: Evidence): Uint8Array | undefined {
  if (expected !== undefined && expected !== "id_conflict") return undefined;
  const row = evidence.rowsById.get(idOf(payload) ?? "")?.[0];
  return row && sourceOf(row, evidence)?.payload;
}

/** The message that a row decides: the one with its sequence, or a copy that was sent without an answer. */
function sourceOf(row: ScoreRow, { messages, unanswered }: Evidence): Outgoing | undefined {
  return messages.get(row.sequence) ?? unanswered.find((copy) => isFaithful(row, copy));
}

function isFaithful(row: ScoreRow, { subject, payload }: Outgoing): boolean {
  const event = parseEvent(payload);
  return (
    event.application_id === row.application_id &&
    subject === `applications.${row.channel}` &&
    Date.parse(event.submitted_at ?? "") === Date.parse(row.submitted_at) &&
    isDeepStrictEqual(present(event.features), present(row.features))
  );
}

function checkRow(row: ScoreRow, evidence: Evidence, violations: Violations): void {
  const id = row.application_id;
  if (evidence.rowsById.get(id)!.length > 1) violations.add("duplicate row", id);
  if (evidence.rowsBySequence.get(row.sequence)!.length > 1) violations.add("sequence decided twice", id);
  const source = sourceOf(row, evidence);
  if (source === undefined) {
    violations.add("row without a message", `${id}, sequence ${row.sequence}`);
    return;
  }
  if (!isFaithful(row, source)) violations.add("row that differs from its message", `${id}, sequence ${row.sequence}`);

  const [result] = evidence.results.get(id) ?? [];
  if (result === undefined) {
    violations.add("decision that was not published", id);
    return;
  }
  const expected = expectedScore(row, parseEvent(source.payload).supersedes ?? undefined);
  if (result.subject !== `scores.${row.channel}.${row.decision}.${id}`) violations.add("wrong subject", result.subject);
  const bytes = Buffer.from(result.payload).toString();
  if (!isDeepStrictEqual(JSON.parse(bytes), expected)) {
    violations.add("published event differs from the stored decision", bytes);
  } else if (bytes !== JSON.stringify(expected)) {
    violations.add("published in other bytes than the contract's", bytes);
  }
}

function checkLetters(
  sequence: number,
  letters: readonly StreamMessage[],
  { messages, unanswered }: Evidence,
  violations: Violations,
): void {
  if (letters.length > 1) violations.add("duplicate dead letter", `${sequence}`);
  const [{ subject, payload, headers }] = letters as [StreamMessage];
  const isPayloadOf = (message: Outgoing) => Buffer.compare(message.payload, payload) === 0;
  const source = messages.get(sequence) ?? unanswered.find(isPayloadOf);
  if (source === undefined || !isPayloadOf(source)) {
    violations.add("dead letter of no message", subject);
    return;
  }
  const reason = headers?.get("Plumbline-Reason");
  if (subject !== `deadletters.${reason}.applications.${sequence}`) violations.add("wrong subject", subject);
  if (headers?.get("Plumbline-Subject") !== source.subject) violations.add("dead letter with a wrong subject", subject);
  if (!/^[\x20-\x7e]+$/.test(headers?.get("Plumbline-Error") ?? ""))
    violations.add("dead letter without error", subject);
}
