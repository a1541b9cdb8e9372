import { describe, expect, it } from "vitest";
import { decide, riskBand } from "../../../src/models/policy.ts";

const POLICY = {
  approve_below: 0.12,
  decline_at_or_above: 0.25,
  risk_bands: { low_below: 0.1, high_at_or_above: 0.3 },
};
/** The next double below a positive number. */
function justBelow(value: number): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0]! -= 1n;
  return new Float64Array(bits.buffer)[0]!;
}

describe("a policy", () => {
  it("approves below its first threshold and declines at its second", () => {
    const decisions = [0, justBelow(0.12), 0.12, justBelow(0.25), 0.25, 1].map((p) => decide(POLICY, p));
    expect(decisions).toEqual(["approve", "approve", "refer", "refer", "decline", "decline"]);
  });

  it("puts a probability into its risk band, the edges into the upper one", () => {
    const bands = [0, justBelow(0.1), 0.1, justBelow(0.3), 0.3, 1].map((p) => riskBand(POLICY, p));
    expect(bands).toEqual(["low", "low", "medium", "medium", "high", "high"]);
  });

  it("may have one threshold for both, and then refers nobody", () => {
    const strict = { ...POLICY, approve_below: 0.2, decline_at_or_above: 0.2 };
    expect([justBelow(0.2), 0.2].map((p) => decide(strict, p))).toEqual(["approve", "decline"]);
  });

  it("may approve everybody or decline everybody", () => {
    const open = { ...POLICY, approve_below: 1, decline_at_or_above: 1 };
    const shut = { ...POLICY, approve_below: 0, decline_at_or_above: 0 };
    expect([0, 0.999, 1].map((p) => decide(open, p))).toEqual(["approve", "approve", "decline"]);
    expect([0, 0.5, 1].map((p) => decide(shut, p))).toEqual(["decline", "decline", "decline"]);
  });
});
