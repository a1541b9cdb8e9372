/**
 * What demo applicants are drawn from: the marginal distribution of each feature and the correlations between them, with
 * no row, no extreme and no rare combination of any real applicant. The shape of lendingclub-applicants.json.
 */
export type ApplicantSummary = {
  readonly format: typeof APPLICANT_SUMMARY_FORMAT;
  readonly format_version: typeof APPLICANT_SUMMARY_VERSION;
  /** Where the numbers come from, in words. */
  readonly source: string;
  /** Applications summarised. */
  readonly n: number;
  readonly features: readonly FeatureSummary[];
  /** Lower triangle, diagonal included, of the correlations of the normals behind the features, in their order. */
  readonly correlation: readonly (readonly number[])[];
};

export const APPLICANT_SUMMARY_FORMAT = "plumbline-applicant-summary";
export const APPLICANT_SUMMARY_VERSION = 1;

type MissingSummary = {
  readonly name: string;
  /** Share of the applications without a value. */
  readonly missing: number;
  /**
   * "last": missing stands for a value above all others (no delinquency ever: the longest time since one) and takes part
   * in the correlations. "random": values are lost whatever they are.
   */
  readonly missing_is: "last" | "random";
  /** The feature that this one counts a part of (open accounts among all accounts): never more than it. */
  readonly at_most?: string;
};

/** Many-valued: drawn between quantiles, then rounded. */
export type QuantileSummary = MissingSummary & {
  readonly type: "quantiles";
  /** At 0, 1, … 100 per cent, except that the ends are at 0.2 and 99.8 per cent: nobody is the poorest or the richest. */
  readonly quantiles: readonly number[];
  /** [step, share]: the share of the values that is rounded to multiples of the step. Shares add up to 1. */
  readonly rounding: readonly (readonly [number, number])[];
};

/** Few-valued, or a category. */
export type ValueSummary = MissingSummary & {
  readonly type: "values";
  /** In the order in which the correlations hold. */
  readonly values: readonly (number | string)[];
  /** Of the applications that have a value, parallel to `values`; they add up to 1. */
  readonly shares: readonly number[];
};

export type FeatureSummary = QuantileSummary | ValueSummary;

/** @throws TypeError when the text is not a summary of this format and version. */
export function parseApplicantSummary(text: string): ApplicantSummary {
  const summary = JSON.parse(text) as Partial<ApplicantSummary>;
  if (summary.format !== APPLICANT_SUMMARY_FORMAT || summary.format_version !== APPLICANT_SUMMARY_VERSION) {
    throw new TypeError(`the format is not ${APPLICANT_SUMMARY_FORMAT} version ${APPLICANT_SUMMARY_VERSION}`);
  }
  if (summary.features === undefined || summary.correlation?.length !== summary.features.length) {
    throw new TypeError("there is not one row of correlations per feature");
  }
  return summary as ApplicantSummary;
}
