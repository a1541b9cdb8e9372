import type { Decision, RiskBand } from "../contracts/score.ts";
import type { PolicyThresholds } from "./manifest.ts";

/** A versioned set of thresholds on the probability of default. */
export type Policy = PolicyThresholds & { readonly version: string };

export function decide(policy: PolicyThresholds, probability: number): Decision {
  if (probability < policy.approve_below) return "approve";
  return probability >= policy.decline_at_or_above ? "decline" : "refer";
}

export function riskBand(policy: PolicyThresholds, probability: number): RiskBand {
  if (probability < policy.risk_bands.low_below) return "low";
  return probability >= policy.risk_bands.high_at_or_above ? "high" : "medium";
}
