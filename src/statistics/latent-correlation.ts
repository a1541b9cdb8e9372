import { normalDensity, normalQuantile } from "./normal-distribution.ts";

/**
 * A variable seen as a normal one that has been cut into ordered cells (a category, a count, or one cell per distinct
 * number). `scores[c]` is the mean of the standard normal inside cell c, and `hermite[k]` the (k + 1)-th coefficient of
 * that step function in normalised Hermite polynomials.
 */
export type CutNormal = { readonly scores: Float64Array; readonly hermite: Float64Array };

/** Terms kept of the Hermite series; the coefficients fall fast enough that more changes no third decimal. */
const TERMS = 16;
/** Beyond this, a correlation is indistinguishable from identity once either variable is cut. */
const MOST = 0.99;

/** The cut normal whose cells, in order, have these counts. @throws RangeError when all counts are 0. */
export function cutNormal(counts: readonly number[]): CutNormal {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new RangeError("A variable without values has no normal scores.");
  const scores = new Float64Array(counts.length);
  const hermite = new Float64Array(TERMS);
  let below = 0;
  let atLow: Float64Array = new Float64Array(TERMS);
  for (const [cell, count] of counts.entries()) {
    if (count === 0) continue;
    below += count;
    const atHigh = hermiteIntegrals(normalQuantile(below / total));
    const score = ((atLow[0]! - atHigh[0]!) * total) / count;
    scores[cell] = score;
    for (let k = 0; k < TERMS; k += 1) hermite[k]! += score * (atLow[k]! - atHigh[k]!);
    atLow = atHigh;
  }
  return { scores, hermite };
}

/**
 * The correlation of the two normals behind paired cells, estimated from the covariance of the cells' scores: by Mehler's
 * formula the covariance of f(X) and g(Y) is Σ f_k g_k ρ^k in their Hermite coefficients, which is solved for ρ. For
 * variables that are hardly cut this is the normal-scores rank correlation; for coarse ones it undoes the attenuation
 * that cutting brings (for two yes/no variables it is Pearson's tetrachoric correlation).
 */
export function latentCorrelation(
  x: CutNormal,
  y: CutNormal,
  cellsOfX: ArrayLike<number>,
  cellsOfY: ArrayLike<number>,
): number {
  const target = covariance(
    Float64Array.from(cellsOfX, (cell) => x.scores[cell]!),
    Float64Array.from(cellsOfY, (cell) => y.scores[cell]!),
  );
  const products = x.hermite.map((coefficient, k) => coefficient * y.hermite[k]!);
  let low = -MOST;
  let high = MOST;
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (powerSeries(products, middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** For k = 1 … TERMS the value at z of He_{k-1}(z) φ(z) / √k!, whose differences integrate He_k φ / √k! over a cell. */
function hermiteIntegrals(z: number): Float64Array {
  const values = new Float64Array(TERMS);
  if (!Number.isFinite(z)) return values;
  let previous = 0;
  let polynomial = normalDensity(z);
  for (let k = 1; k <= TERMS; k += 1) {
    values[k - 1] = polynomial / Math.sqrt(k);
    const next = (z * polynomial - Math.sqrt(k - 1) * previous) / Math.sqrt(k);
    previous = polynomial;
    polynomial = next;
  }
  return values;
}

function powerSeries(coefficients: Float64Array, x: number): number {
  return coefficients.reduceRight((sum, coefficient) => (sum + coefficient) * x, 0);
}

function covariance(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanOfA = mean(a);
  const meanOfB = mean(b);
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i]! - meanOfA) * (b[i]! - meanOfB);
  return sum / a.length;
}
