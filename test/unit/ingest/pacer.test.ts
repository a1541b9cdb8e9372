import { expect, test } from "vitest";
import { createPacer } from "../../../src/ingest/pacer.ts";

const { signal } = new AbortController();

test("releases evenly, at the rate", async () => {
  const pacer = createPacer(500);
  const startedAt = performance.now();
  const releases: number[] = [];
  for (let released = 0; released < 100; ) {
    const count = await pacer.due(100 - released, signal);
    released += count;
    releases.push(count);
  }
  const elapsed = performance.now() - startedAt;
  expect(elapsed).toBeGreaterThan(195);
  expect(elapsed).toBeLessThan(400);
  // Windows of a few, not one burst.
  expect(releases.length).toBeGreaterThan(20);
});

test("what a short wait held up is made up for, up to what may be taken at once", async () => {
  let now = 0;
  const pacer = createPacer(100, () => now);
  expect(await pacer.due(50, signal)).toBe(1);
  now = 500;
  expect(await pacer.due(30, signal)).toBe(30);
  expect(await pacer.due(30, signal)).toBe(20);
});

test("after a long standstill the schedule starts anew", async () => {
  let now = 0;
  const pacer = createPacer(100, () => now);
  expect(await pacer.due(10, signal)).toBe(1);
  now = 60_000;
  expect(await pacer.due(5_000, signal)).toBe(1);
  now = 60_100;
  expect(await pacer.due(5_000, signal)).toBe(10);
});

test("a slow rate never stands still, and an abort ends the wait", async () => {
  const slow = createPacer(0.5);
  expect(await slow.due(1, signal)).toBe(1);
  const stop = new AbortController();
  const waiting = slow.due(1, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
});
