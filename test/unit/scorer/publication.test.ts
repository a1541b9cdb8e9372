import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { rejected } from "../../../src/scorer/entry.ts";
import { publicationOf } from "../../../src/scorer/publication.ts";
import { decision, entry, event } from "./entries.ts";

const DECIDED = { kind: "decided", decision: decision(5, "A"), isNew: true } as const;
const REJECTION = { reason: "schema_violation", error: "features.dti must be number" } as const;
const LETTER = { kind: "dead_letter", rejection: REJECTION, isNew: true, requeued: false } as const;

const recordOf = (of: MsgHdrs | undefined) =>
  Object.fromEntries((of?.keys() ?? []).map((name) => [name, of!.values(name)]));

function withHeaders(sent: Readonly<Record<string, string>>) {
  const { message, ...rest } = entry(5, event("A"));
  const received = headers();
  for (const [name, value] of Object.entries(sent)) received.set(name, value);
  return { ...rest, message: Object.assign(message, { headers: received }) };
}

describe("what is published", () => {
  it("of a decision is its score event, on the subject that guards its id", () => {
    const publication = publicationOf(entry(5, event("A")), DECIDED)!;
    expect(publication.subject).toBe("scores.web.refer.A");
    expect(JSON.parse(String(publication.payload))).toMatchObject({
      application_id: "A",
      decision: "refer",
      sequence: 5,
    });
    expect(publication.headers).toBe(undefined);
  });

  it("is the same bytes again for a decision that was found", () => {
    const again = publicationOf(entry(5, event("A", { dti: 9 }), 2), { ...DECIDED, isNew: false });
    expect(again).toEqual(publicationOf(entry(5, event("A")), DECIDED));
  });

  it("of a repetition, and of a dead letter that was requeued, is nothing", () => {
    expect(publicationOf(entry(6, event("A")), { kind: "repetition" })).toBe(undefined);
    expect(publicationOf(entry(6, event("A")), { ...LETTER, requeued: true })).toBe(undefined);
  });

  it("of a rejected message is its payload, with what is wrong and where it came from", () => {
    const of = { ...entry(5, event("A")), content: rejected(REJECTION) };
    const publication = publicationOf(of, LETTER)!;
    expect(publication.subject).toBe("deadletters.schema_violation.applications.5");
    expect(publication.payload).toBe(of.message.data);
    expect(recordOf(publication.headers)).toEqual({
      "Plumbline-Reason": ["schema_violation"],
      "Plumbline-Error": ["features.dti must be number"],
      "Plumbline-Subject": ["applications.web"],
      "Plumbline-Sequence": ["5"],
    });
  });

  it("carries trace context and CloudEvents attributes along, and leaves other headers behind", () => {
    const sent = {
      traceparent: "00-ab-cd-01",
      tracestate: "x=1",
      "ce-source": "/los",
      "Nats-Msg-Id": "A:1",
      Cookie: "x",
    };
    const { traceparent, tracestate, "ce-source": source } = sent;
    const carried = { traceparent: [traceparent], tracestate: [tracestate], "ce-source": [source] };
    const of = withHeaders(sent);
    expect(recordOf(publicationOf(of, DECIDED)!.headers)).toEqual(carried);
    expect(recordOf(publicationOf(of, LETTER)!.headers)).toMatchObject(carried);
    expect(publicationOf(withHeaders({ Cookie: "x" }), DECIDED)!.headers).toBe(undefined);
  });

  it("carries a long value whole or not at all, and no more headers than fit", () => {
    const values = { "ce-a": "x".repeat(512), "ce-huge": "y".repeat(5_000), "ce-b": "z".repeat(1_024) };
    const longName = `ce-${"n".repeat(60_000)}`;
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`ce-n${index}`, "1"]));
    const carried = publicationOf(withHeaders({ [longName]: "1", ...values, ...many }), DECIDED)!.headers!;
    expect(carried.get("ce-a")).toBe(values["ce-a"]);
    expect(carried.get("ce-huge")).toBe("");
    expect(carried.get("ce-b")).toBe(values["ce-b"]);
    expect(carried.has(longName)).toBe(false);
    const bytes = Object.entries(recordOf(carried) as Record<string, string[]>).map(
      ([name, [value]]) => name.length + value!.length,
    );
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4_096);
  });
});
