import type { CalibrationBin, ClassificationPerformance } from "../contracts/reference-profile.ts";

const CALIBRATION_BINS = 10;

/** Keeps the logarithm of a wrong certainty finite (scikit-learn's classical bound). */
const LOG_LOSS_EPSILON = 1e-15;

/**
 * Scores one set of predictions; row i has the probability of default scores[i] and the outcome defaulted[i].
 *
 * AUC is the Mann–Whitney statistic with ties counted half (Hanley and McNeil, Radiology 143, 1982); KS the largest gap
 * between the score distributions of the two classes; Brier the mean squared error (Brier, Monthly Weather Review 78,
 * 1950); log loss in natural logarithms; ECE Σ n_b/n · |mean score − default rate| over ten equally wide bins (Naeini et
 * al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015).
 *
 * @throws RangeError when there are no rows, the lengths differ, or a score is not a number from 0 to 1.
 */
export function classificationPerformance(
  scores: ArrayLike<number>,
  defaulted: ArrayLike<boolean>,
  threshold: number,
): ClassificationPerformance {
  requirePredictions(scores, defaulted);
  const n = scores.length;
  let defaults = 0;
  let sum = 0;
  let squaredError = 0;
  let logLoss = 0;
  let agreeing = 0;
  for (let i = 0; i < n; i += 1) {
    const score = scores[i]!;
    const outcome = defaulted[i] ? 1 : 0;
    defaults += outcome;
    sum += score;
    squaredError += (score - outcome) ** 2;
    logLoss -= Math.log(Math.max(outcome === 1 ? score : 1 - score, LOG_LOSS_EPSILON));
    if (score >= threshold === (outcome === 1)) agreeing += 1;
  }
  const calibration = calibrationOf(scores, defaulted);
  return {
    n,
    defaults,
    mean_score: sum / n,
    ...discriminationOf(scores, defaulted, defaults),
    brier: squaredError / n,
    log_loss: logLoss / n,
    ece_10_equal_width: expectedCalibrationError(calibration, n),
    accuracy: agreeing / n,
    accuracy_threshold: threshold,
    calibration,
  };
}

/**
 * AUC and KS in one pass over the scores from lowest to highest, one step per distinct score, so that ties count half in
 * the one and never show as a gap in the other.
 */
function discriminationOf(
  scores: ArrayLike<number>,
  defaulted: ArrayLike<boolean>,
  defaults: number,
): { auc: number | null; ks: number | null } {
  const paid = scores.length - defaults;
  if (defaults === 0 || paid === 0) return { auc: null, ks: null };
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let paidBelow = 0;
  let defaultsBelow = 0;
  let pairs = 0;
  let ks = 0;
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start]!]!;
    let tiedDefaults = 0;
    let end = start;
    for (; end < order.length && scores[order[end]!] === score; end += 1) if (defaulted[order[end]!]) tiedDefaults += 1;
    const tiedPaid = end - start - tiedDefaults;
    pairs += tiedDefaults * (paidBelow + tiedPaid / 2);
    paidBelow += tiedPaid;
    defaultsBelow += tiedDefaults;
    ks = Math.max(ks, Math.abs(paidBelow / paid - defaultsBelow / defaults));
    start = end;
  }
  return { auc: pairs / (paid * defaults), ks };
}

function calibrationOf(scores: ArrayLike<number>, defaulted: ArrayLike<boolean>): CalibrationBin[] {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ n: 0, sum: 0, defaults: 0 }));
  for (let i = 0; i < scores.length; i += 1) {
    const bin = bins[Math.min(Math.floor(scores[i]! * CALIBRATION_BINS), CALIBRATION_BINS - 1)]!;
    bin.n += 1;
    bin.sum += scores[i]!;
    if (defaulted[i]) bin.defaults += 1;
  }
  return bins.map(({ n, sum, defaults }) => ({ n, mean_score: n === 0 ? null : sum / n, defaults }));
}

function expectedCalibrationError(calibration: readonly CalibrationBin[], n: number): number {
  let error = 0;
  for (const bin of calibration) error += Math.abs((bin.mean_score ?? 0) * bin.n - bin.defaults) / n;
  return error;
}

function requirePredictions(scores: ArrayLike<number>, defaulted: ArrayLike<boolean>): void {
  if (scores.length !== defaulted.length) {
    throw new RangeError(`There are ${scores.length} scores but ${defaulted.length} outcomes.`);
  }
  if (scores.length === 0)
    throw new RangeError("There is no performance without a scored loan whose outcome is known.");
  for (let i = 0; i < scores.length; i += 1) {
    if (!(scores[i]! >= 0 && scores[i]! <= 1)) throw new RangeError(`Score ${i} is not a number from 0 to 1.`);
  }
}
