import type { FindingKind } from "../../contracts/drift-report.ts";
import { listing } from "./figures.ts";

const DATA_ENGINEERING = "Data engineering";
const MODEL_RISK = "Model risk";
const CREDIT_POLICY = "Credit policy";

const OWNERS: Readonly<Record<FindingKind, string>> = {
  missing: DATA_ENGINEERING,
  no_longer_missing: DATA_ENGINEERING,
  unseen_category: DATA_ENGINEERING,
  constant: DATA_ENGINEERING,
  scale: DATA_ENGINEERING,
  population: MODEL_RISK,
  scores: MODEL_RISK,
  approval_rate: CREDIT_POLICY,
};

/** Who looks whether an exceedance lasts. */
export const WATCHES = MODEL_RISK;

/**
 * Who acts on a finding: what breaks upstream is for those who send the data, what moved in the model for those who answer
 * for it, how many get a loan for those who set the policy.
 * @param channels on which it drifted; none when that isn't known.
 */
export function ownerOf(kind: FindingKind, channels: readonly string[] = []): string {
  const owner = OWNERS[kind];
  if (owner !== DATA_ENGINEERING) return owner;
  return `${owner} of ${channels.length === 0 ? "the channel" : listing(channels)}`;
}
