/**
 * The share of each of k cells, from their counts: p_i = (n_i + ½) / (N + k/2), which sum to 1. An empty cell gets a small
 * share instead of none, so that ratios and logarithms of shares stay finite. This is the posterior mean under Jeffreys'
 * prior: H. Jeffreys, "An invariant form for the prior probability in estimation problems", Proceedings of the Royal
 * Society A 186 (1946). Without any count all shares are 1/k.
 */
export function smoothedProportions(counts: ArrayLike<number>): Float64Array {
  const proportions = Float64Array.from(counts, (count) => count + 0.5);
  let total = 0;
  for (const count of proportions) total += count;
  return proportions.map((count) => count / total);
}
