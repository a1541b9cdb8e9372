import { describe, expect, it } from "vitest";
import { rejected } from "../../../src/scorer/entry.ts";
import { indexRows, judge } from "../../../src/scorer/judge.ts";
import type { StoredRow } from "../../../src/scorer/record.ts";
import { decision, entry, event } from "./entries.ts";

const NOTHING = indexRows([]);
const REJECTION = { reason: "malformed_json", error: "the event is not valid JSON" } as const;

function decided(sequence: number, id: string, of = event(id)): StoredRow {
  return { kind: "decision", decision: decision(sequence, id), event: JSON.stringify(of) };
}

function letter(sequence: number, requeued = false): StoredRow {
  return { kind: "dead_letter", sequence, rejection: REJECTION, requeued };
}

describe("a message", () => {
  it("is open when nothing is stored of it, valid or not", () => {
    expect(judge(entry(5, event("A")), NOTHING)).toEqual({ kind: "open" });
    expect(judge({ ...entry(5, event("A")), content: rejected(REJECTION) }, NOTHING)).toEqual({ kind: "open" });
    expect(judge(entry(5, event("A")), indexRows([decided(4, "B"), letter(6)]))).toEqual({ kind: "open" });
  });

  it("delivered again gets the decision that was made, whatever is thought of it today", () => {
    const stored = indexRows([decided(5, "A")]);
    const expected = { kind: "decided", decision: decision(5, "A"), isNew: false };
    expect(judge(entry(5, event("A")), stored)).toEqual(expected);
    expect(judge({ ...entry(5, event("A")), content: rejected(REJECTION) }, stored)).toEqual(expected);
    expect(judge(entry(5, event("A", { dti: 2 })), stored)).toEqual(expected);
  });

  it("delivered again has its dead letter again, with the reason of then", () => {
    const stored = indexRows([letter(5)]);
    const expected = { kind: "dead_letter", rejection: REJECTION, isNew: false, requeued: false };
    expect(judge({ ...entry(5, event("A")), content: rejected({ ...REJECTION, error: "x" }) }, stored)).toEqual(
      expected,
    );
    expect(judge(entry(5, event("A")), stored)).toEqual(expected);
    expect(judge(entry(5, event("A")), indexRows([letter(5, true)]))).toMatchObject({ requeued: true });
  });

  it("whose own dead letter is stored stays one, although its id was decided since", () => {
    const stored = indexRows([letter(5), decided(9, "A")]);
    expect(judge(entry(5, event("A")), stored)).toMatchObject({ kind: "dead_letter", rejection: REJECTION });
  });

  it("with a decided id and equal content is a repetition, before or after the decided one", () => {
    const stored = indexRows([decided(5, "A", { ...event("A", { dti: 1, x: null }), protected: null })]);
    for (const sequence of [4, 6]) expect(judge(entry(sequence, event("A")), stored)).toEqual({ kind: "repetition" });
  });

  it("with a decided id and other content is a conflict that names the decided message, and no value", () => {
    const judgement = judge(entry(6, event("A", { dti: 77 })), indexRows([decided(5, "A")]));
    expect(judgement).toEqual({
      kind: "conflict",
      rejection: {
        reason: "id_conflict",
        error:
          "this application_id was decided with other content (sequence 5); send an amended application under a new id",
      },
    });
  });

  it("with an id that looks like one of an object's own names is like any other", () => {
    for (const id of ["constructor", "__proto__"]) {
      expect(judge(entry(6, event(id)), NOTHING)).toEqual({ kind: "open" });
      expect(judge(entry(6, event(id)), indexRows([decided(5, id)]))).toEqual({ kind: "repetition" });
    }
  });
});
