import { describe, expect, it } from "vitest";
import { createValidator } from "../../../src/models/validate.ts";
import { readEntry } from "../../../src/scorer/entry.ts";
import { SMALL_MANIFEST, validEvent } from "../models/small-manifest.ts";
import { delivered } from "./entries.ts";

const validator = createValidator(SMALL_MANIFEST);

describe("a delivered message", () => {
  it("is read with its place in the stream, its channel and its event", () => {
    const payload = JSON.stringify(validEvent());
    const message = delivered(42, "applications.web", payload, 2);
    expect(readEntry(message, validator)).toEqual({
      message,
      sequence: 42,
      deliveries: 2,
      receivedAt: 1_769_860_800_000,
      content: {
        kind: "application",
        channel: "web",
        event: validEvent(),
        submittedAt: Date.UTC(2026, 0, 31, 12),
        text: Buffer.from(payload),
      },
    });
  });

  it("is rejected for its subject before its payload is looked at", () => {
    for (const subject of ["applications.Web", "applications.web.eu", "applications.a b"]) {
      expect(readEntry(delivered(1, subject, "{"), validator).content).toMatchObject({
        kind: "rejected",
        rejection: { reason: "invalid_subject", error: expect.not.stringContaining(subject) },
      });
    }
  });

  it("is rejected for what the validator says", () => {
    const { content } = readEntry(delivered(1, "applications.web", "{"), validator);
    expect(content).toEqual({
      kind: "rejected",
      rejection: { reason: "malformed_json", error: "the event is not valid JSON; it may be cut off" },
      channel: "web",
    });
  });
});
