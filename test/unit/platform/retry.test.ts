import { describe, expect, it } from "vitest";
import { pause, retry } from "../../../src/platform/retry.ts";

const BACKOFF = { firstMs: 100, longestMs: 500 };
const goOn = () => {};

describe("retry", () => {
  it("repeats until it succeeds, and tells of every failure", async () => {
    const failures: unknown[] = [];
    let attempts = 0;
    const answer = await retry(
      async () => {
        if (++attempts < 4) throw new Error(`no ${attempts}`);
        return attempts;
      },
      (error) => void failures.push((error as Error).message),
      { firstMs: 1, longestMs: 2 },
    );
    expect(answer).toBe(4);
    expect(failures).toEqual(["no 1", "no 2", "no 3"]);
  });

  it("waits twice as long each time up to a limit, and not the same as the next client", async () => {
    const waits: number[] = [];
    const ended = retry(
      () => Promise.reject(new Error("no")),
      (_, waitMs) => {
        waits.push(waitMs);
        if (waits.length === 14) throw new Error("enough");
      },
      { firstMs: 4, longestMs: 16 },
    );
    await expect(ended).rejects.toThrow("enough");
    const ceilings = [4, 8, ...Array<number>(12).fill(16)];
    for (const [index, ceiling] of ceilings.entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(ceiling / 2);
      expect(waits[index]).toBeLessThanOrEqual(ceiling);
    }
    expect(new Set(waits.slice(2)).size).toBeGreaterThan(1);
  });

  it("ends with what the listener throws, without waiting", async () => {
    const refusal = retry(
      () => Promise.reject(new Error("fatal")),
      (error) => {
        throw error;
      },
      BACKOFF,
    );
    await expect(refusal).rejects.toThrow("fatal");
  });
});

describe("a wait", () => {
  it("ends at once with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const from = Date.now();
    setTimeout(() => stop.abort(reason), 10);
    await expect(pause(60_000, stop.signal)).rejects.toBe(reason);
    await expect(pause(60_000, stop.signal)).rejects.toBe(reason);
    expect(Date.now() - from).toBeLessThan(5_000);
  });

  it("in between attempts ends at once too, and no attempt is made after the signal", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    let attempts = 0;
    const ended = retry(
      () => Promise.reject(new Error(`attempt ${++attempts}`)),
      () => void setTimeout(() => stop.abort(reason), 10),
      { firstMs: 60_000, longestMs: 60_000 },
      stop.signal,
    );
    await expect(ended).rejects.toBe(reason);
    await expect(retry(async () => ++attempts, goOn, BACKOFF, stop.signal)).rejects.toBe(reason);
    expect(attempts).toBe(1);
  });
});
