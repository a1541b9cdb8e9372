/** Up to so many numbers the far tail is summed exactly, in about a millisecond; beyond, its asymptotic form is good to 0.1 % at 1e-50. */
const MOST_SUMMED = 10_000;
/** Up to so many numbers the matrix is small where it is needed: at most 31 rows. */
const MOST_BY_MATRIX = 2_000;
/** Up to so many numbers the expansion in 1/√n is too coarse. */
const FEW = 140;

/**
 * The probability that the one-sample Kolmogorov–Smirnov statistic of n numbers is at least d: 1 at d = 0, 0 at d = 1. Both
 * tails keep their accuracy (1e-9 absolute for n to 2,000, and 1e-10 of itself in the upper tail for n to 10,000). The choice
 * of methods follows R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov–Smirnov distribution", Journal of
 * Statistical Software 39 (2011).
 *
 * @param n a whole number from 1 up.
 */
export function kolmogorovTail(d: number, n: number): number {
  if (n * d <= 0.5) return 1;
  if (d >= 1) return 0;
  const square = n * d * d;
  if (square >= (n <= FEW ? 4 : 2.2) || d >= 0.5) return Math.min(2 * oneSidedTail(d, n), 1);
  const isExact = n <= FEW || (n <= MOST_BY_MATRIX && n * d ** 1.5 <= 1.4);
  const below = isExact ? probabilityByMatrix(d, n) : probabilityByExpansion(d, n);
  return Math.min(Math.max(1 - below, 0), 1);
}

/**
 * The probability that the one-sided statistic is at least d: the sum of Z. W. Birnbaum and F. H. Tingey, "One-sided
 * confidence contours for probability distribution functions", Annals of Mathematical Statistics 22 (1951), whose terms are
 * all positive. For many numbers its asymptotic form, with the next term in the exponent: S. Maag and G. Dicaire, Biometrika
 * 58 (1971). Twice this is the two-sided tail where d is large.
 */
function oneSidedTail(d: number, n: number): number {
  if (n > MOST_SUMMED) {
    const x = (6 * n * d + 1) ** 2 / (18 * n);
    return Math.exp(-x - (2 * x * x - 4 * x - 1) / (18 * n));
  }
  const last = Math.floor(n * (1 - d));
  let logBinomial = 0;
  let sum = 0;
  for (let j = 0; j <= last; j += 1) {
    const rise = d + j / n;
    const rest = 1 - rise;
    if (rest > 0) sum += Math.exp(logBinomial + (j - 1) * Math.log(rise) + (n - j) * Math.log(rest));
    logBinomial += Math.log((n - j) / (j + 1));
  }
  return d * sum;
}

/**
 * The probability of a statistic below d for many numbers: Kolmogorov's limit and three more terms of its expansion in
 * 1/√n, in the form that converges for small d. W. Pelz and I. J. Good, "Approximating the lower tail-areas of the
 * Kolmogorov–Smirnov one-sample statistic", Journal of the Royal Statistical Society B 38 (1976).
 */
function probabilityByExpansion(d: number, n: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const z8 = z4 * z4;
  const pi2 = Math.PI ** 2;
  const sums = [0, 0, 0, 0, 0, 0];
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 1; k -= 1) {
    const odd = (2 * k - 1) ** 2 * pi2;
    const decay = Math.exp(-odd / (8 * z2));
    sums[0]! += decay;
    sums[1]! += decay * (odd / 4 - z2);
    sums[2]! += decay * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * odd) / 4 + ((1 - 2 * z2) * odd ** 2) / 16);
    sums[3]! +=
      decay *
      (-30 * z6 -
        90 * z8 +
        ((135 * z4 - 96 * z6) * odd) / 4 +
        ((212 * z4 - 60 * z2) * odd ** 2) / 16 +
        ((5 - 30 * z2) * odd ** 3) / 64);
    const whole = k * k * pi2;
    const wholeDecay = Math.exp(-whole / (2 * z2));
    sums[4]! += wholeDecay * whole;
    sums[5]! += wholeDecay * whole * (3 * z2 - whole);
  }
  const terms = [
    sums[0]! / z,
    sums[1]! / (6 * z4),
    sums[2]! / (72 * z6 * z) - sums[4]! / (36 * z2 * z),
    sums[3]! / (6480 * z8 * z2) + sums[5]! / (216 * z6),
  ];
  return Math.sqrt(2 * Math.PI) * terms.reduce((sum, term, power) => sum + term / n ** (power / 2), 0);
}

/**
 * The same, exactly: n! / n^n times the middle of the n-th power of a matrix of 2k − 1 rows, k being n·d rounded up. G.
 * Marsaglia, W. W. Tsang and J. Wang, "Evaluating Kolmogorov's distribution", Journal of Statistical Software 8 (2003).
 */
function probabilityByMatrix(d: number, n: number): number {
  const k = Math.floor(n * d) + 1;
  const size = 2 * k - 1;
  const power = matrixPower(durbinMatrix(size, k - n * d), size, n);
  let probability = power.entries[(k - 1) * size + k - 1]!;
  let exponent = power.exponent;
  for (let i = 1; i <= n; i += 1) {
    probability *= i / n;
    if (probability >= 1e-140) continue;
    probability *= 1e140;
    exponent -= 140;
  }
  return probability * 10 ** exponent;
}

/** Row-major. */
function durbinMatrix(size: number, h: number): Float64Array {
  const entries = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= Math.min(row + 1, size - 1); column += 1) entries[row * size + column] = 1;
  }
  for (let i = 0; i < size; i += 1) {
    entries[i * size]! -= h ** (i + 1);
    entries[(size - 1) * size + i]! -= h ** (size - i);
  }
  if (2 * h > 1) entries[(size - 1) * size]! += (2 * h - 1) ** size;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      for (let divisor = 2; divisor <= row - column + 1; divisor += 1) entries[row * size + column]! /= divisor;
    }
  }
  return entries;
}

/** entries × 10^exponent, which keeps high powers within the range of doubles. */
type ScaledMatrix = { readonly entries: Float64Array; readonly exponent: number };

function matrixPower(entries: Float64Array, size: number, n: number): ScaledMatrix {
  if (n === 1) return { entries, exponent: 0 };
  const half = matrixPower(entries, size, Math.floor(n / 2));
  const square = product(half.entries, half.entries, size);
  const whole = n % 2 === 0 ? square : product(entries, square, size);
  const exponent = 2 * half.exponent;
  const middle = whole[(size >> 1) * size + (size >> 1)]!;
  return middle > 1e140
    ? { entries: whole.map((entry) => entry * 1e-140), exponent: exponent + 140 }
    : { entries: whole, exponent };
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const entries = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      let sum = 0;
      for (let i = 0; i < size; i += 1) sum += a[row * size + i]! * b[i * size + column]!;
      entries[row * size + column] = sum;
    }
  }
  return entries;
}
