import { expect, test } from "vitest";
import { publishPersistently } from "../../../src/ingest/persistent-publish.ts";
import type { Publication, Publisher, Receipt } from "../../../src/platform/publisher.ts";

const stored = (sequence: number, duplicate = false): Receipt => ({ kind: "stored", sequence, duplicate });
const refused = (code: number, description: string): Receipt => ({ kind: "refused", code, description });
const full = refused(10077, "maximum bytes exceeded");
const unanswered: Receipt = { kind: "unanswered" };

/** Answers each round with the next of the scripted receipts, and remembers what was sent. */
function scripted(rounds: readonly (readonly Receipt[])[], sent: string[][] = []): Publisher {
  return {
    async publish(publications) {
      sent.push(publications.map(({ payload }) => String(payload)));
      return [...rounds[sent.length - 1]!];
    },
    close() {},
  };
}

const publications = ["a", "b", "c"].map((payload): Publication => ({ subject: "s", payload }));

test("sends again what was not answered or not taken for now, and nothing else", async () => {
  const sent: string[][] = [];
  const held: string[] = [];
  const publisher = scripted([[unanswered, stored(1), full], [stored(3, true), full], [stored(4)]], sent);
  const { signal } = new AbortController();
  const fates = await publishPersistently(publisher, publications, { signal, onHeld: (text) => held.push(text) });
  expect(sent).toEqual([["a", "b", "c"], ["a", "c"], ["c"]]);
  // What the broker knew already was our own first try.
  expect(fates).toEqual([
    { kind: "stored", sequence: 3 },
    { kind: "stored", sequence: 1 },
    { kind: "stored", sequence: 4 },
  ]);
  expect(held).toEqual(["it doesn't answer", "maximum bytes exceeded"]);
});

test("tells duplicates from what is new, and does not repeat what is refused for good", async () => {
  const tooLarge = refused(10054, "message size exceeds maximum allowed");
  const publisher = scripted([[stored(1), stored(1, true), tooLarge]]);
  const { signal } = new AbortController();
  expect(await publishPersistently(publisher, publications, { signal, onHeld: () => {} })).toEqual([
    { kind: "stored", sequence: 1 },
    { kind: "duplicate", sequence: 1 },
    { kind: "refused", description: "message size exceeds maximum allowed" },
  ]);
});

test("gives up when told to, and says what is open", async () => {
  const stop = new AbortController();
  const publisher = scripted([[stored(1), full, unanswered]]);
  const fates = await publishPersistently(publisher, publications, { signal: stop.signal, onHeld: () => stop.abort() });
  expect(fates).toEqual([{ kind: "stored", sequence: 1 }, { kind: "open" }, { kind: "open" }]);
});

test("a connection that is closed for good is the caller's", async () => {
  const publisher: Publisher = { publish: () => Promise.reject(new Error("closed")), close() {} };
  const { signal } = new AbortController();
  const publishing = publishPersistently(publisher, publications, { signal, onHeld: () => {} });
  await expect(publishing).rejects.toThrow("closed");
});
