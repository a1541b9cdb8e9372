import type { FeatureComparison } from "../../src/contracts/drift-report.ts";
import type { ReferenceProfile } from "../../src/contracts/reference-profile.ts";
import { featureSeverity } from "../../src/drift/judge-window.ts";
import { binIndex } from "../../src/statistics/bins.ts";
import { populationStabilityIndex } from "../../src/statistics/population-stability-index.ts";
import type { Member, Populations } from "./population.ts";
import type { Random } from "./random.ts";
import { judgeSequence, USUAL_RULES } from "./rules.ts";

export type Detection = {
  readonly feature: string;
  readonly psi: number;
  readonly trials: number;
  /** Share of the trials in which the feature was called within three windows. */
  readonly ours: number;
  readonly pValue: number;
  readonly psiRule: number;
  /** Share of the trials in which another feature was called, though features that go together shift together. */
  readonly others: number;
};

const WINDOWS = 3;

/**
 * Shifts one feature of resampled reference windows to a given PSI and says how often that is found within three windows.
 * The feature's groups are reweighted steadily from the lowest to the highest; whoever lies in a group is drawn whole.
 */
export function detection(
  { subject, reference }: Populations,
  name: string,
  psi: number,
  n: number,
  trials: number,
  random: Random,
): Detection {
  const index = subject.reference.features.findIndex((feature) => feature.name === name);
  const groups = groupsOf(subject.reference.features[index]!, reference);
  const weights = tilted(
    groups.map(({ length }) => length),
    psi,
  );
  const draw = (): Member => {
    let rest = random();
    let at = 0;
    for (; at < groups.length - 1 && rest >= weights[at]!; at++) rest -= weights[at]!;
    const group = groups[at]!;
    return group[Math.floor(random() * group.length)]!;
  };
  const found = { ours: 0, pValue: 0, psiRule: 0, others: 0 };
  for (let trial = 0; trial < trials; trial++) {
    const windows = Array.from({ length: WINDOWS }, () => Array.from({ length: n }, draw));
    const reports = judgeSequence(subject, windows);
    const called = (rule: (feature: FeatureComparison) => boolean) =>
      reports.some(({ features }) => rule(features[index]!));
    if (called((feature) => featureSeverity(feature) !== "none")) found.ours++;
    if (called(USUAL_RULES["p < 0.05"])) found.pValue++;
    if (called(USUAL_RULES["PSI > 0.1"])) found.psiRule++;
    if (reports.some(({ features }) => features.some((other, i) => i !== index && featureSeverity(other) !== "none"))) {
      found.others++;
    }
  }
  const share = (count: number) => count / trials;
  return {
    ...{ feature: name, psi, trials },
    ours: share(found.ours),
    pValue: share(found.pValue),
    psiRule: share(found.psiRule),
    others: share(found.others),
  };
}

/** The members by the group that PSI is computed on; those without a value are left out. */
function groupsOf(profile: ReferenceProfile["features"][number], members: readonly Member[]): Member[][] {
  const groupOf = (member: Member): number => {
    const value = member.decided.features[profile.name];
    if (profile.type === "categorical") return profile.categories.indexOf(String(value));
    return typeof value === "number" ? binIndex(profile.group_edges, value) : -1;
  };
  const groups: Member[][] = [];
  for (const member of members) {
    const group = groupOf(member);
    if (group < 0) continue;
    groups[group] = groups[group] ?? [];
    groups[group].push(member);
  }
  return groups.filter((group) => group !== undefined && group.length > 0);
}

/** Shares c_i ∝ p_i · exp(t · i / k) with the tilt t that has the given PSI against p, found by halving. */
function tilted(counts: readonly number[], psi: number): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  const shares = (tilt: number) => {
    const raw = counts.map((count, i) => (count / total) * Math.exp((tilt * i) / counts.length));
    const sum = raw.reduce((a, b) => a + b, 0);
    return raw.map((share) => share / sum);
  };
  const SCALE = 1e9;
  const psiOf = (tilt: number) =>
    populationStabilityIndex(
      counts.map((count) => (count / total) * SCALE),
      shares(tilt).map((share) => share * SCALE),
    );
  let [low, high] = [0, 50];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (psiOf(middle) < psi) low = middle;
    else high = middle;
  }
  return shares(low);
}
