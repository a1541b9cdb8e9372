/** What counts as drift. Rates and differences of rates are shares of 1. */
export type DriftSettings = {
  /** Adjusted p-values above it are no evidence. */
  readonly p_value: number;
  readonly psi_warning: number;
  readonly psi_critical: number;
  /** For the shares of missing and unseen values and the approval rate. */
  readonly rate_warning: number;
  readonly rate_critical: number;
  readonly drift_score_warning: number;
  readonly drift_score_critical: number;
  readonly drifted_ratio_warning: number;
  /** A critical feature of at least this importance makes a warning of its own. */
  readonly important_feature: number;
  /** How far above the reference a feature's rate may lie for its quality check to pass … */
  readonly missing_tolerance: number;
  readonly out_of_range_tolerance: number;
  readonly unseen_tolerance: number;
  /** … and what no rate may pass, whatever the reference says. */
  readonly missing_limit: number;
  readonly out_of_range_limit: number;
  readonly unseen_limit: number;
  readonly type_error_limit: number;
};

/** The conventional limits of PSI, 0.1 and 0.25, go back to Lewis, An Introduction to Credit Scoring (1994). */
export const DEFAULT_SETTINGS: DriftSettings = {
  p_value: 0.01,
  psi_warning: 0.1,
  psi_critical: 0.25,
  rate_warning: 0.05,
  rate_critical: 0.25,
  drift_score_warning: 0.5,
  drift_score_critical: 0.7,
  drifted_ratio_warning: 0.3,
  important_feature: 0.05,
  missing_tolerance: 0.05,
  out_of_range_tolerance: 0.01,
  unseen_tolerance: 0.01,
  missing_limit: 0.95,
  out_of_range_limit: 0.05,
  unseen_limit: 0.05,
  type_error_limit: 0.01,
};

/**
 * The settings of a model: the defaults and what differs from them.
 * @throws RangeError naming a setting that doesn't exist or is not a number from 0 to 1 (PSI: not negative).
 */
export function settingsWith(changes: Readonly<Record<string, unknown>>): DriftSettings {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(DEFAULT_SETTINGS, name)) {
      const known = Object.keys(DEFAULT_SETTINGS).join(", ");
      throw new RangeError(`drift setting ${name} does not exist; there are ${known}`);
    }
    const most = name.startsWith("psi_") ? Number.MAX_VALUE : 1;
    if (typeof value !== "number" || !(value >= 0 && value <= most)) {
      throw new RangeError(`drift setting ${name} must be a number from 0${most === 1 ? " to 1" : ""}`);
    }
  }
  return { ...DEFAULT_SETTINGS, ...changes };
}
