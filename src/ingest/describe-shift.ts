import type { ApplicantSummary, FeatureSummary } from "./applicant-summary.ts";
import { featureSampler, lostShare, sharesUnder } from "./feature-sampler.ts";
import type { FeatureChange, PopulationShift } from "./population-shift.ts";

/** What a shift does to the summarised population, in sentences for whoever watches the demonstration. */
export function describeShift(summary: ApplicantSummary, shift: PopulationShift): string {
  const effects = shift.changes.flatMap((change) => {
    const feature = summary.features.find(({ name }) => name === change.feature);
    return feature === undefined ? [] : [describeChange(feature, change)];
  });
  return `Made-up population shift "${shift.name}": ${shift.story}. ${effects.join("; ")}.`;
}

function describeChange(feature: FeatureSummary, change: FeatureChange): string {
  switch (change.kind) {
    case "moved":
      return `${feature.name}: median ${medianUnder(feature, [])} → ${medianUnder(feature, [change])}`;
    case "lost":
      return `${feature.name} missing: ${percent(lostShare(feature, []))} → ${percent(change.share)}`;
    case "shares":
      return describeShares(feature, change);
  }
}

function describeShares(feature: FeatureSummary, change: FeatureChange & { kind: "shares" }): string {
  if (feature.type !== "values") throw new RangeError(`${feature.name} has no shares to change.`);
  const before = sharesUnder(feature, []);
  const after = sharesUnder(feature, [change]);
  const effects = change.shares.map(([value]) => {
    const index = feature.values.indexOf(value);
    return `${value} ${percent(before[index]!)} → ${percent(after[index]!)}`;
  });
  return `${feature.name}: ${effects.join(", ")}`;
}

/** Half of the normals are below 0, so what the sampler makes of 0, with chance at its middle, is the median. */
function medianUnder(feature: FeatureSummary, changes: readonly FeatureChange[]): string {
  const median = featureSampler(feature, changes)(0, { uniform: () => 0.5 });
  return typeof median === "number" ? median.toLocaleString("en-US") : String(median ?? "missing");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
