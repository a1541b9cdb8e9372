import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLogger } from "../../../src/platform/log.ts";
import type { Database } from "../../../src/platform/postgres.ts";
import { watchPolicy } from "../../../src/scorer/policy-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const row = { approve_below: 0.1, decline_at_or_above: 0.3, low_below: 0.1, high_at_or_above: 0.3 };
const AT_START = {
  ...{ version: "1", approve_below: 0.1, decline_at_or_above: 0.3 },
  risk_bands: { low_below: 0.1, high_at_or_above: 0.3 },
};

test("the last policy that was read stays while the database is away, and until its answer is there", async () => {
  const { promise: late, resolve: answer } = Promise.withResolvers<object>();
  const answers = [
    () => Promise.reject(new Error("Connection terminated")),
    async () => ({ rows: [{ ...row, version: "2", approve_below: 0.2 }] }),
    async () => ({ rows: [] }),
    () => late,
  ];
  let asked = 0;
  const database = { query: () => answers[asked++]!() } as unknown as Database;
  const { current, stop } = watchPolicy(database, "small", AT_START, createLogger("silent", "test"));
  const versions: string[] = [];
  for (let turn = 0; turn < 6; turn++) {
    await vi.advanceTimersByTimeAsync(2_000);
    versions.push(current().version);
  }
  expect(versions).toEqual(["1", "2", "2", "2", "2", "2"]);
  // One question at a time.
  expect(asked).toBe(4);
  answer({ rows: [{ ...row, version: "3" }] });
  await vi.advanceTimersByTimeAsync(0);
  expect(current()).toEqual({ ...AT_START, version: "3" });
  stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(4);
});
