import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../../src/ingest/seeded-random.ts";
import { cutNormal, latentCorrelation } from "../../../src/statistics/latent-correlation.ts";

const ROWS = 40_000;

/** Draws correlated normals, cuts each at the given points, and estimates the correlation from the cells alone. */
function estimate(correlation: number, cutsOfX: readonly number[], cutsOfY: readonly number[]): number {
  const random = createSeededRandom(7);
  const cellsOfX: number[] = [];
  const cellsOfY: number[] = [];
  for (let i = 0; i < ROWS; i += 1) {
    const x = random.normal();
    const y = correlation * x + Math.sqrt(1 - correlation ** 2) * random.normal();
    cellsOfX.push(cutsOfX.filter((cut) => cut <= x).length);
    cellsOfY.push(cutsOfY.filter((cut) => cut <= y).length);
  }
  return latentCorrelation(normalOf(cellsOfX, cutsOfX), normalOf(cellsOfY, cutsOfY), cellsOfX, cellsOfY);
}

function normalOf(cells: readonly number[], cuts: readonly number[]) {
  const counts = new Array<number>(cuts.length + 1).fill(0);
  for (const cell of cells) counts[cell]! += 1;
  return cutNormal(counts);
}

describe("latentCorrelation", () => {
  const fine = Array.from({ length: 80 }, (_, i) => i / 20 - 2);

  it.each([-0.9, -0.4, 0, 0.2, 0.6, 0.95])("recovers %f from finely cut normals", (correlation) => {
    expect(Math.abs(estimate(correlation, fine, fine) - correlation)).toBeLessThan(0.02);
  });

  it.each([-0.5, 0.3, 0.7])("recovers %f where one variable is a rare yes", (correlation) => {
    expect(Math.abs(estimate(correlation, [1.65], fine) - correlation)).toBeLessThan(0.04);
    expect(Math.abs(estimate(correlation, [1.65], [0.5]) - correlation)).toBeLessThan(0.06);
  });

  it("refuses a variable without values", () => {
    expect(() => cutNormal([0, 0])).toThrow(RangeError);
  });
});
