import { normalCdf, normalQuantile } from "../statistics/normal-distribution.ts";
import type { FeatureSummary, QuantileSummary, ValueSummary } from "./applicant-summary.ts";
import type { FeatureChange } from "./population-shift.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The feature's value for a standard normal z, or undefined where it is missing. Rounding and losing values take chance. */
export type FeatureSampler = (z: number, random: Pick<SeededRandom, "uniform">) => number | string | undefined;

/**
 * The sampler of one feature under the changes that a population shift makes to it.
 * @throws RangeError when a change names a value that the feature doesn't have, or doesn't suit its kind.
 */
export function featureSampler(feature: FeatureSummary, changes: readonly FeatureChange[]): FeatureSampler {
  const moved = changes.reduce((sum, change) => (change.kind === "moved" ? sum + change.by : sum), 0);
  const value = feature.type === "quantiles" ? quantileSampler(feature, changes) : valueSampler(feature, changes);
  const lost = lostShare(feature, changes);
  if (lost === 0) return (z, random) => value(z + moved, random);
  return (z, random) => (random.uniform() < lost ? undefined : value(z + moved, random));
}

/** Share of applications whose value is lost whatever it is. */
export function lostShare(feature: FeatureSummary, changes: readonly FeatureChange[]): number {
  const own = feature.missing_is === "random" ? feature.missing : 0;
  return changes.reduce((share, change) => (change.kind === "lost" ? Math.max(share, change.share) : share), own);
}

/** Share of the normal's upper end that means missing. */
function missingEnd(feature: FeatureSummary): number {
  return feature.missing_is === "last" ? feature.missing : 0;
}

function quantileSampler(feature: QuantileSummary, changes: readonly FeatureChange[]): FeatureSampler {
  if (changes.some(({ kind }) => kind === "shares")) throw new RangeError(`${feature.name} has no shares to change.`);
  const { quantiles } = feature;
  const present = 1 - missingEnd(feature);
  const round = roundingOf(feature);
  const last = quantiles.length - 1;
  return (z, random) => {
    const rank = quickNormalCdf(z) / present;
    if (rank >= 1) return undefined;
    const position = rank * last;
    const below = Math.floor(position);
    const low = quantiles[below]!;
    return round(low + (quantiles[below + 1]! - low) * (position - below), random);
  };
}

function roundingOf({ rounding }: QuantileSummary): (value: number, random: Pick<SeededRandom, "uniform">) => number {
  return (value, random) => {
    let chance = random.uniform();
    for (const [step, share] of rounding) {
      chance -= share;
      if (chance < 0) return roundTo(value, step);
    }
    return roundTo(value, rounding.at(-1)![0]);
  };
}

/** The nearest multiple. Dividing by the inverse of a step such as 0.01 gives 12.34, where multiplying gives 12.340000000000002. */
function roundTo(value: number, step: number): number {
  if (step >= 1) return Math.round(value / step) * step;
  const inverse = Math.round(1 / step);
  return Math.round(value * inverse) / inverse;
}

function valueSampler(feature: ValueSummary, changes: readonly FeatureChange[]): FeatureSampler {
  const { values } = feature;
  const present = 1 - missingEnd(feature);
  let below = 0;
  const bounds = sharesUnder(feature, changes).map((share) => {
    below += share;
    return normalQuantile(Math.min(below, 1) * present);
  });
  if (present === 1) bounds[bounds.length - 1] = Number.POSITIVE_INFINITY;
  return (z) => {
    let index = 0;
    while (index < bounds.length && z >= bounds[index]!) index += 1;
    return values[index];
  };
}

/** A feature's shares after the changes: those named are set, the rest scaled so that all add up to 1. */
export function sharesUnder(feature: ValueSummary, changes: readonly FeatureChange[]): number[] {
  const set = new Map(changes.flatMap((change) => (change.kind === "shares" ? change.shares : [])));
  for (const value of set.keys()) {
    if (!feature.values.includes(value))
      throw new RangeError(`${feature.name} has no value ${value} whose share to change.`);
  }
  let setBefore = 0;
  let setAfter = 0;
  for (const [i, value] of feature.values.entries()) {
    if (!set.has(value)) continue;
    setBefore += feature.shares[i]!;
    setAfter += set.get(value)!;
  }
  const scale = (1 - setAfter) / (1 - setBefore);
  return feature.values.map((value, i) => set.get(value) ?? feature.shares[i]! * scale);
}

const TABLE_END = 6;
const TABLE_STEPS_PER_UNIT = 128;
const CDF_TABLE = Float64Array.from({ length: 2 * TABLE_END * TABLE_STEPS_PER_UNIT + 2 }, (_, i) =>
  normalCdf(i / TABLE_STEPS_PER_UNIT - TABLE_END),
);

/** Φ(z) from a table, to 2e-6: many times faster, and finer than the quantiles that it looks up. Always below 1. */
function quickNormalCdf(z: number): number {
  const position = Math.min(Math.max((z + TABLE_END) * TABLE_STEPS_PER_UNIT, 0), 2 * TABLE_END * TABLE_STEPS_PER_UNIT);
  const below = Math.floor(position);
  const low = CDF_TABLE[below]!;
  return low + (CDF_TABLE[below + 1]! - low) * (position - below);
}
