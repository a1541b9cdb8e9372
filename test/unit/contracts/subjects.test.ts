import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerText } from "../../../src/contracts/dead-letter.ts";
import { channelOf, deadLetterSubject, inputSubject, scoreSubject } from "../../../src/contracts/subjects.ts";

describe("the channel of a subject", () => {
  it("is its second and last part", () => {
    const channel = fc.stringMatching(/^[a-z0-9_-]{1,32}$/);
    fc.assert(
      fc.property(channel, fc.constantFrom("applications" as const, "outcomes" as const), (name, input) => {
        expect(channelOf(inputSubject(input, name))).toBe(name);
      }),
    );
  });

  it.each([
    "applications.Web",
    "applications.web.deep",
    "applications.wéb",
    `applications.${"x".repeat(33)}`,
    "applications.",
    "applications.a b",
    "applications.web\n",
  ])("is none in %j", (subject) => {
    expect(channelOf(subject)).toBe(undefined);
  });
});

describe("subjects of results", () => {
  it("are one per application, and one per rejected message", () => {
    expect(scoreSubject("web", "refer", "A-1")).toBe("scores.web.refer.A-1");
    expect(deadLetterSubject("malformed_json", "applications", 12)).toBe("deadletters.malformed_json.applications.12");
  });
});

describe("a text as a header", () => {
  it("is one line of printable ASCII that isn't long", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
        expect(headerText(text)).toMatch(/^[\x20-\x7e]{0,300}$/);
      }),
    );
  });

  it("is the text itself when that is such a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 300 }), (text) => {
        expect(headerText(text)).toBe(text);
      }),
    );
  });
});
