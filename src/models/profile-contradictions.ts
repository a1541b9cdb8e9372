import type { CategoricalFeatureProfile, Distribution, ReferenceProfile } from "../contracts/reference-profile.ts";

/** Where the numbers of a profile of the right shape don't agree with each other; statistics rely on all of this. Pure. */
export function profileContradictions({ n, features, score, decisions, performance }: ReferenceProfile): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const feature of features) {
    const subject = `feature ${feature.name}`;
    if (seen.has(feature.name)) faults.push(`${subject} is there twice`);
    seen.add(feature.name);
    const own = feature.type === "numeric" ? distributionFaults(feature) : categoryFaults(feature);
    if (feature.n + feature.missing !== n) own.push("n and missing don't add up to the profile's n");
    const [name, part] =
      feature.type === "numeric"
        ? (["out_of_range", feature.out_of_range] as const)
        : (["unseen", feature.unseen] as const);
    if (part > feature.missing) own.push(`${name} is more than missing`);
    faults.push(...own.map((fault) => `${subject}: ${fault}`));
  }
  if (score) {
    if (score.n !== n) faults.push("score: n is not the profile's n");
    faults.push(...distributionFaults(score).map((fault) => `score: ${fault}`));
  }
  if (decisions && decisions.approve + decisions.refer + decisions.decline !== n) {
    faults.push("decisions: approve, refer and decline don't add up to the profile's n");
  }
  if (performance && performance.n > n) faults.push("performance: n is more than the profile's n");
  return faults;
}

function distributionFaults(distribution: Distribution): string[] {
  const { edges, group_edges, counts, sums, n } = distribution;
  const faults = countFaults(counts, edges.length + 1, n);
  if (!isAscending(edges)) faults.push("edges don't ascend");
  if (!isAscending(group_edges)) faults.push("group_edges don't ascend");
  const known = new Set(edges);
  if (!group_edges.every((edge) => known.has(edge))) faults.push("group_edges has an edge that is not in edges");
  if (sums.length !== counts.length) faults.push("sums has not one sum per bin");
  for (const name of ["mean", "standard_deviation", "min", "max", "median"] as const) {
    if ((distribution[name] === null) !== (n === 0))
      faults.push(`${name} is ${n === 0 ? "not null" : "null"} at n = ${n}`);
  }
  return faults;
}

function categoryFaults({ categories, counts, n, mode }: CategoricalFeatureProfile): string[] {
  const faults = countFaults(counts, categories.length, n);
  if ((mode === null) !== (n === 0)) faults.push(`mode is ${n === 0 ? "not null" : "null"} at n = ${n}`);
  if (mode !== null && !categories.includes(mode)) faults.push("mode is not in categories");
  return faults;
}

function countFaults(counts: readonly number[], length: number, n: number): string[] {
  const faults: string[] = [];
  if (counts.length !== length) faults.push(`counts has ${counts.length} counts instead of ${length}`);
  if (counts.reduce((sum, count) => sum + count, 0) !== n) faults.push("counts don't add up to n");
  return faults;
}

function isAscending(edges: readonly number[]): boolean {
  return edges.every((edge, i) => i === 0 || edge > edges[i - 1]!);
}
