import type { Movement, Severity } from "../contracts/drift-report.ts";
import type { DriftSettings } from "./settings.ts";

const ORDER: Readonly<Record<Severity, number>> = { none: 0, warning: 1, critical: 2 };

export function worst(severities: readonly Severity[]): Severity {
  return severities.reduce((a, b) => (ORDER[b] > ORDER[a] ? b : a), "none");
}

/** Sure and large enough: a p-value at most the setting's, and a size that reaches one of two limits. */
export function exceedance(
  pAdjusted: number,
  size: number,
  limits: { readonly warning: number; readonly critical: number },
  { p_value }: DriftSettings,
): Severity {
  if (pAdjusted > p_value || !reaches(size, limits.warning)) return "none";
  return reaches(size, limits.critical) ? "critical" : "warning";
}

/** What reaches a limit on paper must not miss it by the last digit of a sum or a difference. */
const ROUNDING = 1e-12;

export function reaches(value: number, limit: number): boolean {
  return value >= limit - ROUNDING;
}

/**
 * The verdict over windows: what exceeds in this window drifts when it exceeded, at the same level, in at least one of
 * the two judged before it.
 * @param previous of the judged windows before this one, newest first.
 * @param start of this window.
 */
export function movement(
  exceeds: Severity,
  previous: readonly (Pick<Movement, "exceeds" | "since"> | undefined)[],
  start: string,
): Movement {
  const [last, lastButOne] = previous;
  const before = worst([last?.exceeds ?? "none", lastButOne?.exceeds ?? "none"]);
  const drifted = ORDER[exceeds] < ORDER[before] ? exceeds : before;
  if (exceeds === "none") return { exceeds, drifted: "none", since: null };
  const run = [last, lastButOne].find((one) => one !== undefined && one.exceeds !== "none");
  return { exceeds, drifted, since: run?.since ?? start };
}
