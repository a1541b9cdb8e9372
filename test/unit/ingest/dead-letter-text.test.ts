import { expect, test } from "vitest";
import { payloadText } from "../../../src/ingest/dead-letter-text.ts";
import { parseDeadLetterName } from "../../../src/ingest/dead-letters.ts";
import { UsageError } from "../../../src/platform/errors.ts";

test("text is shown as it is, what would act on the terminal escaped", () => {
  expect(payloadText(Buffer.from('{"größe":"日本"}\n\tx'))).toBe('{"größe":"日本"}\n\tx');
  expect(payloadText(Buffer.from("a\x1b[31mb\r\0\u202ec\u0085"))).toBe("a\\x1b[31mb\\x0d\\x00\\u{202e}c\\u{85}");
});

test("what is no text is shown byte by byte", () => {
  expect(payloadText(Buffer.from([0x61, 0xff, 0xc3, 0x0a, 0x00]))).toBe("a\\xff\\xc3\n\\x00");
});

test("a dead letter is named by its stream and sequence", () => {
  expect(parseDeadLetterName("applications-17")).toEqual({ input: "applications", sequence: 17 });
  expect(parseDeadLetterName("outcomes-1")).toEqual({ input: "outcomes", sequence: 1 });
  for (const name of ["17", "scores-1", "applications-", "applications-1x", "APPLICATIONS-1", "applications-1.*"]) {
    expect(() => parseDeadLetterName(name)).toThrow(UsageError);
  }
});
