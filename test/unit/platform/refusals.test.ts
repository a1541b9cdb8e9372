import { JetStreamApiError } from "@nats-io/jetstream";
import { TimeoutError } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { isBrokerOutage, isMissing, isPassingRefusal, isPublished } from "../../../src/platform/refusals.ts";

describe("a receipt says that the message is in the stream", () => {
  const refused = (code: number, description: string) => ({ kind: "refused", code, description }) as const;

  it("when it was stored now, or before", () => {
    expect(isPublished({ kind: "stored", sequence: 1, duplicate: false })).toBe(true);
    expect(isPublished({ kind: "stored", sequence: 1, duplicate: true })).toBe(true);
    expect(isPublished(refused(10077, "maximum messages per subject exceeded"))).toBe(true);
    expect(isPublished(refused(10071, "wrong last sequence: 0"))).toBe(true);
  });

  it("and not when the stream is full, which has the same code, or away, or nobody answered", () => {
    expect(isPublished(refused(10077, "maximum bytes exceeded"))).toBe(false);
    expect(isPublished(refused(10077, "maximum messages exceeded"))).toBe(false);
    expect(isPublished(refused(10047, "insufficient resources"))).toBe(false);
    expect(isPublished(refused(10054, "message size exceeds maximum allowed"))).toBe(false);
    expect(isPublished({ kind: "unanswered" })).toBe(false);
  });
});

describe("a refusal of a publication", () => {
  it("passes when the stream is full or the cluster has no leader", () => {
    expect([10077, 10047, 10008].map(isPassingRefusal)).toEqual([true, true, true]);
  });

  it("stays when the message itself is refused", () => {
    expect([10054, 10071].map(isPassingRefusal)).toEqual([false, false]);
  });
});

describe("a failed request", () => {
  const answer = (err_code: number) => new JetStreamApiError({ code: 500, err_code, description: "" });

  it("is an outage when nobody answers or the cluster isn't there yet", () => {
    expect([new TimeoutError(), answer(10008), answer(10118)].map(isBrokerOutage)).toEqual([true, true, true]);
    expect([answer(10059), answer(10047), new Error("other")].map(isBrokerOutage)).toEqual([false, false, false]);
  });

  it("says that something doesn't exist: a stream, a consumer, a message", () => {
    expect([10059, 10014, 10037, 10043].map(answer).map(isMissing)).toEqual([true, true, true, true]);
    expect([answer(10008), new TimeoutError()].map(isMissing)).toEqual([false, false]);
  });
});
