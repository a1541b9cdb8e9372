import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { submissionTime } from "../../../src/models/submission-time.ts";

describe("the time of submission", () => {
  it.each([
    ["2026-01-31T12:00:00Z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31T12:00:00.5Z", Date.UTC(2026, 0, 31, 12, 0, 0, 500)],
    ["2026-01-31T12:00:00.123456789Z", Date.UTC(2026, 0, 31, 12, 0, 0, 123)],
    ["2026-01-31T12:00:00+05:30", Date.UTC(2026, 0, 31, 6, 30)],
    ["2026-01-31T12:00:00-00:00", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31t12:00:00z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31T12:00:00z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31t12:00:00.5+05:30", Date.UTC(2026, 0, 31, 6, 30, 0, 500)],
    ["2026-12-31T23:59:59-23:59", Date.UTC(2027, 0, 1, 23, 58, 59)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    ["2026-03-31T23:30:00-05:00", Date.UTC(2026, 3, 1, 4, 30)],
    ["0000-01-01T00:00:00Z", -62_167_219_200_000],
    ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
  ])("%s is understood", (text, instant) => {
    expect(submissionTime(text)).toBe(instant);
  });

  it.each([
    ["2026-02-30T12:00:00Z", "no such day"],
    ["2025-02-29T12:00:00Z", "no leap year"],
    ["2026-04-31T12:00:00+02:00", "no such day"],
    ["2026-13-01T12:00:00Z", "no such month"],
    ["2026-00-10T12:00:00Z", "no such month"],
    ["2026-01-00T12:00:00Z", "no such day"],
    ["2026-01-31T24:00:00Z", "no such hour"],
    ["2026-01-31T12:60:00Z", "no such minute"],
    ["2026-01-31T12:00:60Z", "a leap second"],
    ["2026-01-31T12:00:00", "no offset"],
    ["2026-01-31T12:00:00+0530", "an offset without a colon"],
    ["2026-01-31T12:00:00+24:00", "no such offset"],
    ["2026-01-31T12:00:00.Z", "a point without digits"],
    ["2026-01-31T12:00:00.1234567890Z", "finer than nanoseconds"],
    ["2026-01-31T12:00Z", "no seconds"],
    ["2026-01-31 12:00:00Z", "a blank"],
    ["2026-1-31T12:00:00Z", "one digit"],
    ["2026-01-31", "a day"],
    ["+002026-01-31T12:00:00Z", "a long year"],
    ["2026-01-31T12:00:00Z\n", "a line break"],
    ["1769860800", "a number"],
    ["", "nothing"],
  ])("%j is refused: %s", (text) => {
    expect(submissionTime(text)).toBe(undefined);
  });

  it.each(["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"])(
    "%s is refused: in UTC its year has no four digits, and the score event would not be RFC 3339",
    (text) => {
      expect(submissionTime(text)).toBe(undefined);
    },
  );

  it("is read from any instant as it is written in a score event, at any offset", () => {
    const instants = fc.date({ min: new Date("0001-01-01"), max: new Date("9998-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(instants, fc.integer({ min: -1439, max: 1439 }), (instant, minutes) => {
        const local = new Date(instant.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const [hour, minute] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const digits = (number: number) => String(number).padStart(2, "0");
        const offset = `${minutes < 0 ? "-" : "+"}${digits(hour)}:${digits(minute)}`;
        expect(submissionTime(local + offset)).toBe(instant.getTime());
        expect(submissionTime(instant.toISOString())).toBe(instant.getTime());
        // RFC 3339 allows small letters.
        expect(submissionTime(instant.toISOString().toLowerCase())).toBe(instant.getTime());
      }),
    );
  });
});
