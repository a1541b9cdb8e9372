import type { Msg } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { deliveryOf } from "../../../src/platform/delivery.ts";

const delivered = (reply: string) => deliveryOf({ reply } as Msg);
const EXPECTED = { deliveries: 3, sequence: 1_042, receivedAt: 1_769_860_800_123 };

describe("a delivery", () => {
  it("is read from an acknowledgement subject of the first form", () => {
    expect(delivered("$JS.ACK.APPLICATIONS.scorer.3.1042.17.1769860800123999999.250")).toEqual(EXPECTED);
  });

  it("is read from one with domain, account and a token at the end", () => {
    const ends = ["", ".Xz1"];
    for (const end of ends) {
      const reply = `$JS.ACK.hub.ACCHASH.APPLICATIONS.scorer.3.1042.17.1769860800123999999.250${end}`;
      expect(delivered(reply), reply).toEqual(EXPECTED);
    }
    expect(delivered("$JS.ACK._.ACCHASH.APPLICATIONS.scorer.3.1042.17.1769860800123999999.250")).toEqual(EXPECTED);
  });

  it("has the whole milliseconds of the broker's time, never the next one", () => {
    const at = (nanoseconds: string) => delivered(`$JS.ACK.S.C.1.1.1.${nanoseconds}.0`).receivedAt;
    expect(at("1769860800000000000")).toBe(1_769_860_800_000);
    expect(at("1769860800000999999")).toBe(1_769_860_800_000);
    expect(at("1769860800001000000")).toBe(1_769_860_800_001);
  });
});
