import { expect, test } from "vitest";
import { addLatency, latencyCounts, latencyQuantile } from "../../../src/gateway/reading/latency-counts.ts";
import { createLiveFigures } from "../../../src/gateway/reading/live-figures.ts";

const START = Date.UTC(2026, 0, 1);

test("quantiles of latencies are within a bin, 7 %, of the exact ones", () => {
  const latencies = Array.from({ length: 10_000 }, (_, index) => 0.3 * 1.0008 ** index);
  const counts = latencyCounts();
  for (const latency of latencies) addLatency(counts, latency);
  for (const quantile of [0.01, 0.5, 0.99]) {
    const exact = latencies[Math.ceil(latencies.length * quantile) - 1]!;
    expect(latencyQuantile(counts, quantile)! / exact).toBeGreaterThan(0.99);
    expect(latencyQuantile(counts, quantile)! / exact).toBeLessThan(1.08);
  }
  expect(latencyQuantile(latencyCounts(), 0.5)).toBeNull();
});

test("latencies of nothing, below nothing and of days have a bin", () => {
  const counts = latencyCounts();
  for (const latency of [0, -3, 9e9]) addLatency(counts, latency);
  expect(counts.reduce((a, b) => a + b)).toBe(3);
});

test("figures are of whole seconds, and forget what is two minutes old", () => {
  let now = START;
  const live = createLiveFigures(() => now);
  for (let second = 0; second < 10; second++) {
    for (let i = 0; i < 100; i++)
      live.note(i < 60 ? "approve" : "decline", START + second * 1_000 + i, START + second * 1_000);
  }
  now = START + 10_000;
  const { per_second, last_minute, series } = live.read();
  expect(per_second).toBe(100);
  expect(last_minute).toMatchObject({ scored: 1_000, decisions: { approve: 600, refer: 0, decline: 400 } });
  expect(last_minute.end_to_end_ms.p50! / 50).toBeCloseTo(1, 0);
  expect(series).toHaveLength(120);
  expect(series.at(-1)).toMatchObject({ at: "2026-01-01T00:00:09.000Z", scored: 100 });
  expect(series[0]).toMatchObject({ scored: 0, p50_ms: null });

  // The second that is going on isn't told of yet, and what was long ago is no news.
  live.note("refer", now, now);
  live.note("refer", START - 200_000, START - 200_000);
  expect(live.read().last_minute.scored).toBe(1_000);
  now = START + 70_000;
  expect(live.read()).toMatchObject({ per_second: 0, last_minute: { scored: 1 } });
  now = START + 300_000;
  live.note("refer", now - 1_000, now - 1_000);
  expect(live.read().series.reduce((sum, { scored }) => sum + scored, 0)).toBe(1);
});
