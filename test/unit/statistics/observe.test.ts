import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReferenceProfile } from "../../../src/contracts/reference-profile.ts";
import { buildReferenceProfile } from "../../../src/statistics/build-reference-profile.ts";
import { addTo, mergeCells } from "../../../src/statistics/observation-cells.ts";
import { observationLayout, SCORE_QUANTUM } from "../../../src/statistics/observation-layout.ts";
import { createObserver, type ObservedDecision } from "../../../src/statistics/observe.ts";
import { timeGrid } from "../../../src/statistics/panes.ts";

const HOUR_MS = 3_600_000;
const FEATURES = [
  { name: "income", type: "numeric", min: 0, max: 1_000 },
  { name: "home", type: "categorical", categories: ["own", "rent"] },
] as const;
const PROFILE: ReferenceProfile = buildReferenceProfile({
  model: { name: "small", version: "1" },
  features: FEATURES,
  applications: Array.from({ length: 100 }, (_, i) => ({
    submitted_at: "2026-01-01T00:00:00Z",
    features: { income: i * 5, home: i % 4 === 0 ? "rent" : "own" },
  })),
  scores: Array.from({ length: 100 }, (_, i) => i / 100),
  groups: Array.from({ length: 100 }, (_, i) => ({ sex: i % 2 === 0 ? "female" : "male" })),
  thresholds: { approve_below: 0.1, decline_at_or_above: 0.5 },
  sources: {},
});
const LAYOUT = observationLayout(PROFILE);
const GRID = timeGrid(0, 12 * HOUR_MS);
const observation = createObserver(FEATURES, LAYOUT, GRID);

function decision(change: Partial<ObservedDecision> = {}): ObservedDecision {
  const submittedAt = 90 * HOUR_MS + 1;
  return {
    ...{ channel: "web", submittedAt, receivedAt: submittedAt, score: 0.25, decision: "refer" },
    features: { income: 12, home: "own" },
    ...change,
  };
}

/** The counts of decisions in one cell. */
function counted(...decisions: ObservedDecision[]): Float64Array {
  const one = observation();
  for (const each of decisions) one.decision(each);
  const counts = new Float64Array(LAYOUT.width);
  for (const cell of one.cells()) addTo(counts, cell);
  return counts;
}
const [income, home] = LAYOUT.features as [
  Extract<(typeof LAYOUT.features)[number], { type: "numeric" }>,
  Extract<(typeof LAYOUT.features)[number], { type: "categorical" }>,
];

describe("an observation", () => {
  it("counts values in the reference's bins, with their sums and the scores that went with them", () => {
    const counts = counted(
      decision({ features: { income: 12, home: "rent" } }),
      decision({ features: { income: 13, home: "own" } }),
    );
    expect(counts[LAYOUT.applications]).toBe(2);
    expect(counts[LAYOUT.decisions.refer]).toBe(2);
    const bins = counts.subarray(income.counts, income.counts + income.bins);
    const sums = counts.subarray(income.sums, income.sums + income.bins);
    expect(bins.reduce((a, b) => a + b)).toBe(2);
    expect(sums.reduce((a, b) => a + b) * income.quantum).toBeCloseTo(25, 1);
    expect(counts[home.counts + 1]).toBe(1);
    expect(counts[home.scores + 1]! * SCORE_QUANTUM).toBeCloseTo(0.25, 6);
  });

  it("counts what the model can't use as missing, and says why", () => {
    const counts = counted(
      decision({ features: {} }),
      decision({ features: { income: null, home: null } }),
      decision({ features: { income: 1_001, home: "boat" } }),
    );
    expect([counts[income.missing], counts[income.outOfRange]]).toEqual([3, 1]);
    expect([counts[home.missing], counts[home.unseen]]).toEqual([3, 1]);
  });

  it("keeps channels and panes of event time apart", () => {
    const one = observation();
    one.decision(decision());
    one.decision(decision({ channel: "branch" }));
    one.decision(decision({ submittedAt: 91 * HOUR_MS, receivedAt: 92 * HOUR_MS }));
    expect(one.cells().map(({ channel, pane }) => [channel, pane / HOUR_MS])).toEqual([
      ["web", 90],
      ["branch", 90],
      ["web", 91],
    ]);
    expect(one.latest()).toBe(91 * HOUR_MS);
  });

  it("counts a date ahead of its receipt as such and as nothing else", () => {
    const ahead = decision({ submittedAt: Date.parse("2099-01-01") });
    const counts = counted(ahead);
    expect(counts[LAYOUT.datedAhead]).toBe(1);
    expect(counts.reduce((a, b) => a + b)).toBe(1);
    const one = observation();
    one.decision(ahead);
    expect(one.latest()).toBeUndefined();
  });

  it("counts type errors of features that the model has", () => {
    const one = observation();
    const error = { channel: "web", submittedAt: 1, receivedAt: 1 };
    one.typeError({ ...error, feature: "income" });
    one.typeError({ ...error, feature: "nobody's" });
    expect(one.cells()).toEqual([{ channel: "web", pane: 0, slots: [income.typeErrors], values: [1] }]);
  });

  it("counts decisions per protected group; a group that the reference doesn't know is another one", () => {
    const counts = counted(
      decision({ protected: { sex: "female", age: 30 } }),
      decision({ protected: { sex: "other" } }),
      decision({ protected: null }),
    );
    const refer = (group: string | undefined) =>
      counts[LAYOUT.groups.find((slots) => slots.group === group)!.decisions.refer];
    expect([refer("female"), refer("male"), refer(undefined)]).toEqual([1, 0, 1]);
  });

  it("comes out the same in whatever order and portions it was made", () => {
    const some = fc.record({
      channel: fc.constantFrom("web", "branch"),
      submittedAt: fc.nat(48 * HOUR_MS),
      receivedAt: fc.constant(1e12),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      decision: fc.constantFrom("approve", "refer", "decline"),
      features: fc.record({
        income: fc.double({ min: -10, max: 1_010, noNaN: true }),
        home: fc.constantFrom("own", "rent", "x"),
      }),
    }) as fc.Arbitrary<ObservedDecision>;
    const sorted = (cells: ReturnType<typeof mergeCells>) =>
      cells.toSorted((a, b) => a.pane - b.pane || (a.channel < b.channel ? -1 : 1));
    fc.assert(
      fc.property(fc.array(some, { maxLength: 60 }), fc.nat(60), (decisions, cut) => {
        const whole = observation();
        for (const each of decisions) whole.decision(each);
        const [first, second] = [observation(), observation()];
        for (const each of decisions.slice(cut).toReversed()) first.decision(each);
        for (const each of decisions.slice(0, cut)) second.decision(each);
        expect(sorted(mergeCells([...first.cells(), ...second.cells()]))).toEqual(sorted(whole.cells()));
      }),
    );
  });
});
