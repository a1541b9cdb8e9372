/** A made-up change in who applies, for demonstrations and drills: it is announced by name and never passed off as real. */
export type PopulationShift = {
  readonly name: string;
  /** What such a change would look like in a lender's business: a clause. */
  readonly story: string;
  readonly changes: readonly FeatureChange[];
};

export type FeatureChange =
  /** Every applicant moves along the feature's distribution, by so many standard deviations of the normal behind it. */
  | { readonly feature: string; readonly kind: "moved"; readonly by: number }
  /** The shares of a few-valued feature become these; values that are not named keep theirs, in proportion. */
  | {
      readonly feature: string;
      readonly kind: "shares";
      readonly shares: readonly (readonly [number | string, number])[];
    }
  /** The value is lost in this share of the applications, whatever it is: what a broken upstream system looks like. */
  | { readonly feature: string; readonly kind: "lost"; readonly share: number };

/**
 * A year of credit tightening in one step. PSI is about `by`² for a moved feature, so 0.7 and more is far beyond the
 * critical 0.25; term_months repeats what the real loan book did in the second half of 2010.
 */
export const LONGER_TERMS_UNVERIFIED_INCOME: PopulationShift = {
  name: "longer-terms-unverified-income",
  story:
    "a marketing campaign brings stretched borrowers who want longer terms, while one upstream feed stops sending employment",
  changes: [
    { feature: "term_months", kind: "shares", shares: [[60, 0.35]] },
    { feature: "income_verification", kind: "shares", shares: [["not_verified", 0.95]] },
    { feature: "annual_income", kind: "moved", by: -0.7 },
    { feature: "dti", kind: "moved", by: 0.5 },
    { feature: "inquiries_6m", kind: "moved", by: 0.9 },
    { feature: "revolving_utilization", kind: "moved", by: 0.7 },
    { feature: "employment_years", kind: "lost", share: 0.3 },
  ],
};
