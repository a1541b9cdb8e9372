import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { type Counts, liveLine, quantileBetween, readCounts } from "../../../src/app/live-figures.ts";

const EDGES = [0.001, 0.005, 0.01, 0.1, 1];
type Buckets = Counts["endToEnd"];

/** Cumulative counts of observations, as a histogram would have them. */
function bucketsOf(observations: readonly number[]): Buckets {
  return [...EDGES, Number.POSITIVE_INFINITY].map((edge) => [edge, observations.filter((x) => x <= edge).length]);
}

describe("a quantile between two readings", () => {
  const latencies = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 60 });

  it("lies in the bucket of the observation that it stands for", () => {
    fc.assert(
      fc.property(latencies, latencies, fc.double({ min: 0.001, max: 1, noNaN: true }), (earlier, later, q) => {
        const quantile = quantileBetween(bucketsOf(earlier), bucketsOf([...earlier, ...later]), q);
        if (later.length === 0) {
          expect(quantile).toBe(undefined);
          return;
        }
        const exact = [...later].sort((a, b) => a - b)[Math.ceil(q * later.length) - 1]!;
        const lower = EDGES.findLast((edge) => edge < exact) ?? 0;
        const upper = EDGES.find((edge) => exact <= edge) ?? 1;
        expect(quantile).toBeGreaterThanOrEqual(Math.min(lower, upper));
        expect(quantile).toBeLessThanOrEqual(upper);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is interpolated inside its bucket", () => {
    const after: Buckets = [
      [1, 10],
      [2, 30],
      [Number.POSITIVE_INFINITY, 40],
    ];
    const before: Buckets = [
      [1, 10],
      [2, 10],
      [Number.POSITIVE_INFINITY, 10],
    ];
    expect(quantileBetween(before, after, 0.5)).toBe(1.75);
    expect(quantileBetween([], after, 0.125)).toBe(0.5);
    // Beyond the last finite edge that edge is all that is known.
    expect(quantileBetween(before, after, 0.99)).toBe(2);
  });

  it("never goes down as q goes up", () => {
    fc.assert(
      fc.property(latencies, fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 2 }), (all, qs) => {
        fc.pre(all.length > 0);
        const quantiles = qs.sort((a, b) => a - b).map((q) => quantileBetween([], bucketsOf(all), q)!);
        expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
      }),
    );
  });

  it("is a number also when a scorer was started again in between and counts from nothing", () => {
    fc.assert(
      fc.property(latencies, latencies, (earlier, later) => {
        const quantile = quantileBetween(bucketsOf(earlier), bucketsOf(later), 0.99);
        expect(quantile ?? 0).toBeGreaterThanOrEqual(0);
        expect(quantile ?? 0).toBeLessThanOrEqual(1);
      }),
    );
  });
});

/** What a scorer's /metrics says. */
async function exposition(decisions: Record<string, number>, latencies: readonly number[], pending: number) {
  const registers = [new Registry()];
  const labelNames = ["channel", "decision"];
  const decided = new Counter({ name: "plumbline_decisions_total", help: "x", labelNames, registers });
  for (const [decision, count] of Object.entries(decisions)) decided.inc({ channel: "web", decision }, count);
  const dead = new Counter({ name: "plumbline_dead_letters_total", help: "x", labelNames: ["reason"], registers });
  dead.inc({ reason: "poison" }, 1);
  dead.inc({ reason: "oversized" }, 2);
  const name = "plumbline_end_to_end_seconds";
  const histogram = new Histogram({ name, help: "x", buckets: EDGES, registers });
  for (const latency of latencies) histogram.observe(latency);
  new Gauge({ name: "plumbline_consumer_pending", help: "x", labelNames: ["stream"], registers }).set(
    { stream: "APPLICATIONS" },
    pending,
  );
  return registers[0]!.metrics();
}

describe("the counts of several scorers", () => {
  it("are added up, but for the backlog that all of them see", async () => {
    const texts = [
      await exposition({ approve: 3, decline: 1 }, [0.002, 0.5], 40),
      await exposition({ approve: 2, refer: 7 }, [0.02, 5], 41),
      "",
    ];
    expect(readCounts(texts)).toEqual({
      decisions: { approve: 5, decline: 1, refer: 7 },
      deadLetters: 6,
      pending: 41,
      endToEnd: [
        [0.001, 0],
        [0.005, 1],
        [0.01, 1],
        [0.1, 2],
        [1, 3],
        [Number.POSITIVE_INFINITY, 4],
      ],
    });
  });
});

describe("the live line", () => {
  const nothing: Counts = { decisions: {}, deadLetters: 0, endToEnd: [], pending: 0 };

  it("has rate, latency, mix, backlog and dead letters", () => {
    const after: Counts = {
      decisions: { approve: 7_000, refer: 2_000, decline: 1_000 },
      deadLetters: 3,
      endToEnd: [
        [0.01, 9_900],
        [0.1, 10_000],
        [Number.POSITIVE_INFINITY, 10_000],
      ],
      pending: 1_234,
    };
    expect(liveLine(nothing, after, 5)).toBe(
      "2,000/s · p50 5.1 p99 10 ms · approve 70 refer 20 decline 10 % · pending 1,234 · dead 3",
    );
  });

  it("has dashes where nothing was decided, or a scorer counts from nothing", () => {
    const line = "0/s · p50 – p99 – ms · approve – refer – decline – % · pending 0 · dead 0";
    expect(liveLine(nothing, nothing, 1)).toBe(line);
    expect(liveLine({ ...nothing, decisions: { approve: 9 } }, { ...nothing, decisions: { approve: 2 } }, 1)).toBe(
      line,
    );
  });
});
