/** Figures in sentences. */

/** A share of 1, such as 34.8 %. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A difference of two shares, such as +29.8 percentage points. */
export function points(difference: number): string {
  return `${difference >= 0 ? "+" : "−"}${Math.abs(difference * 100).toFixed(1)} percentage points`;
}

/** Three significant digits, with thousands separated. */
export function number(value: number | null): string {
  if (value === null) return "unknown";
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** A change of a mean probability, such as 1.25 percentage points higher. */
export function shift(difference: number): string {
  return `${Math.abs(difference * 100).toFixed(2)} percentage points ${difference >= 0 ? "higher" : "lower"}`;
}
