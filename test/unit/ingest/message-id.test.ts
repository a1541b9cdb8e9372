import fc from "fast-check";
import { expect, test } from "vitest";
import { payloadDigest } from "../../../src/contracts/content.ts";
import { applicationIdIn, createMessageIds } from "../../../src/ingest/message-id.ts";

const bytes = (text: string) => Buffer.from(text);

test("a line with an id has the recommended message id, in every file and on every line", () => {
  const payload = bytes('{"application_id":"A-1"}');
  const expected = `A-1:${payloadDigest(payload)}`;
  expect(createMessageIds("/a").of("A-1", payload, 1)).toBe(expected);
  expect(createMessageIds("/b").of("A-1", payload, 2)).toBe(expected);
});

test("a line without one has its own id: equal lines differ, the same line stays the same", () => {
  const of = (origin: string, text: string, line: number) => createMessageIds(origin).of(undefined, bytes(text), line);
  const ids = [of("/a", "x", 1), of("/a", "x", 2), of("/a", "y", 1), of("/b", "x", 1)];
  expect(new Set(ids).size).toBe(4);
  expect(of("/a", "x", 1)).toBe(ids[0]);
});

test("whatever a file is called, an id is fit for a header and never the recommended one of an application", () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), fc.nat(), (origin, payload, line) => {
      const id = createMessageIds(origin).of(undefined, payload, line);
      expect(id).toMatch(/^[0-9a-f]{16}:[0-9a-f]{16}:\d+$/);
    }),
  );
});

test("an application id is found in a JSON object alone", () => {
  expect(applicationIdIn(bytes('{"application_id":"A-1","features":7}'))).toBe("A-1");
  const without = [
    '{"application_id":"A 1"}',
    '{"application_id":7}',
    '["application_id"]',
    '"A-1"',
    "null",
    "{",
    "",
    "{}",
  ];
  for (const text of without) expect(applicationIdIn(bytes(text))).toBeUndefined();
});
