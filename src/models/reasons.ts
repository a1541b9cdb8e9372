import type { Reason } from "../contracts/score.ts";
import type { Feature } from "./manifest.ts";
import type { Session } from "./session.ts";
import type { TypicalValues } from "./typical-values.ts";

/** Stored with each decision, so that a reader knows what the contributions mean. */
export const REASON_METHOD = "reference_substitution";

const MOST_REASONS = 4;
const EPSILON = 1e-7;

/**
 * Adverse action reasons by substitution: one variant of the application per feature, with that feature set to its
 * reference median or mode; a feature's contribution is how much the log-odds fall by it. Blind to interactions, which
 * is why its agreement with exact SHAP values is published (docs/reasons.md).
 *
 * @param rows encoded applications, row by row, in manifest order.
 * @param probabilities their probabilities of default.
 * @returns per row at most four reasons, largest adverse contribution first, and never none: when no feature is
 * adverse, the least favourable one is named.
 */
export async function substitutionReasons(
  session: Session,
  features: readonly Feature[],
  typical: TypicalValues,
  rows: Float32Array,
  probabilities: readonly number[],
): Promise<Reason[][]> {
  const contributions = await substitutionContributions(session, typical, rows, probabilities);
  return contributions.map((ofRow) => {
    const ranked = features
      .map((feature, index) => ({ feature, contribution: ofRow[index]! }))
      .sort((a, b) => b.contribution - a.contribution);
    const adverse = ranked.filter(({ contribution }) => contribution > 0).slice(0, MOST_REASONS);
    return (adverse.length > 0 ? adverse : ranked.slice(0, 1)).map(({ feature, contribution }) => ({
      code: feature.reason.code,
      feature: feature.name,
      text: feature.reason.text,
      contribution,
    }));
  });
}

/** Bounds how long one run blocks the event loop. */
const VARIANTS_PER_RUN = 512;

/** Per row the change in log-odds that each feature's own value makes against its typical value. */
export async function substitutionContributions(
  session: Session,
  typical: TypicalValues,
  rows: Float32Array,
  probabilities: readonly number[],
): Promise<number[][]> {
  const width = typical.length;
  const contributions = probabilities.map(() => new Array<number>(width).fill(0));
  // A feature that has its typical value already contributes nothing, so needs no variant; that is half of them.
  const variants = rows.reduce<number[]>((differing, value, at) => {
    if (value !== typical[at % width]) differing.push(at);
    return differing;
  }, []);
  for (let from = 0; from < variants.length; from += VARIANTS_PER_RUN) {
    const some = variants.slice(from, from + VARIANTS_PER_RUN);
    const tensor = new Float32Array(some.length * width);
    some.forEach((at, index) => {
      const row = Math.floor(at / width);
      tensor.set(rows.subarray(row * width, (row + 1) * width), index * width);
      tensor[index * width + (at % width)] = typical[at % width]!;
    });
    const substituted = await session.run(tensor, some.length);
    some.forEach((at, index) => {
      const row = Math.floor(at / width);
      contributions[row]![at % width] = logOdds(probabilities[row]!) - logOdds(substituted[index]!);
    });
  }
  return contributions;
}

function logOdds(probability: number): number {
  const inside = Math.min(Math.max(probability, EPSILON), 1 - EPSILON);
  return Math.log(inside / (1 - inside));
}
