import type { SeededRandom } from "./seeded-random.ts";

/** Fills `into` with one draw of correlated standard normals. */
export type CorrelatedNormals = (random: SeededRandom, into: Float64Array) => void;

/**
 * Draws of standard normals with a given correlation, through its Cholesky factor. Correlations that were estimated pair
 * by pair need not fit together; they are shrunk towards none, one per cent at a time, until they do.
 *
 * @param lowerTriangle row i holds the correlations with variables 0 … i, the last of them 1.
 * @throws RangeError when it is not a lower triangle with a unit diagonal.
 */
export function correlatedNormals(lowerTriangle: readonly (readonly number[])[]): CorrelatedNormals {
  for (const [i, row] of lowerTriangle.entries()) {
    if (row.length !== i + 1 || row[i] !== 1) throw new RangeError(`Row ${i} of the correlations does not end at a 1.`);
  }
  const factor = factorOfNearest(lowerTriangle);
  const size = factor.length;
  const independent = new Float64Array(size);
  return (random, into) => {
    for (let i = 0; i < size; i += 1) {
      independent[i] = random.normal();
      const row = factor[i]!;
      let sum = 0;
      for (let j = 0; j <= i; j += 1) sum += row[j]! * independent[j]!;
      into[i] = sum;
    }
  };
}

function factorOfNearest(lowerTriangle: readonly (readonly number[])[]): Float64Array[] {
  for (let percent = 100; ; percent -= 1) {
    const shrunk = lowerTriangle.map((row, i) => row.map((value, j) => (i === j ? 1 : (value * percent) / 100)));
    const factor = choleskyFactor(shrunk);
    if (factor !== undefined) return factor;
  }
}

/** The lower triangular L with L·Lᵀ = the matrix, or undefined when the matrix is not positive definite. */
function choleskyFactor(lowerTriangle: readonly (readonly number[])[]): Float64Array[] | undefined {
  const factor: Float64Array[] = [];
  for (const [i, row] of lowerTriangle.entries()) {
    const current = new Float64Array(i + 1);
    factor.push(current);
    for (let j = 0; j <= i; j += 1) {
      let rest = row[j]!;
      for (let k = 0; k < j; k += 1) rest -= current[k]! * factor[j]![k]!;
      if (j < i) current[j] = rest / factor[j]![j]!;
      else if (rest > 1e-9) current[j] = Math.sqrt(rest);
      else return undefined;
    }
  }
  return factor;
}
