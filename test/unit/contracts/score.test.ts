import { describe, expect, it } from "vitest";
import { type StoredDecision, scoreEvent } from "../../../src/contracts/score.ts";

const DECISION: StoredDecision = {
  sequence: 7,
  supersedes: "A-0",
  reasons: [{ contribution: 0.41, text: "Excessive obligations", feature: "dti", code: "R04" }],
  decision: "decline",
  riskBand: "high",
  score: 0.30000001192092896,
  policyVersion: "2",
  model: { sha256: "ab", version: "1", name: "lendingclub" },
  scoredAt: Date.UTC(2026, 0, 31, 12, 0, 0, 7),
  receivedAt: Date.UTC(2026, 0, 31, 12, 0, 0, 5),
  submittedAt: Date.UTC(2026, 0, 31, 12),
  channel: "web",
  applicationId: "A-1",
};

describe("a score event", () => {
  it("has its keys in the contract's order whatever order the row has, so that it is published byte by byte again", () => {
    expect(JSON.stringify(scoreEvent(DECISION))).toBe(
      '{"application_id":"A-1","channel":"web","submitted_at":"2026-01-31T12:00:00.000Z",' +
        '"received_at":"2026-01-31T12:00:00.005Z","scored_at":"2026-01-31T12:00:00.007Z",' +
        '"model":{"name":"lendingclub","version":"1","sha256":"ab"},"policy":{"version":"2"},' +
        '"score":0.30000001192092896,"risk_band":"high","decision":"decline",' +
        '"reasons":[{"code":"R04","feature":"dti","text":"Excessive obligations","contribution":0.41}],' +
        '"sequence":7,"supersedes":"A-0"}',
    );
  });

  it("carries nothing else that a row may have, and `supersedes` only when there is one", () => {
    const row = { ...DECISION, supersedes: undefined, features: { dti: 1 }, protected: { sex: "female" } };
    const event = scoreEvent(row);
    expect(Object.keys(event)).not.toContain("supersedes");
    expect(JSON.stringify(event)).not.toMatch(/protected|"features"|female/);
  });
});
