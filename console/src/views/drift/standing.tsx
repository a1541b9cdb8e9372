import type { Severity } from "../../../../src/contracts/drift-report.ts";
import type { ListedReport } from "../../api/shapes.ts";
import { severityTone, type Tone } from "../../health.ts";
import { Badge } from "../../parts/badge.tsx";

export type ListedFeature = ListedReport["features"][number];

export type Standing = {
  readonly tone: Tone;
  readonly words: string;
  /** 0 in place, 1 moved in this window alone, 2 drifted, 3 critically. */
  readonly rank: 0 | 1 | 2 | 3;
};

const WEIGHT: Readonly<Record<Severity, 0 | 2 | 3>> = { none: 0, warning: 2, critical: 3 };

/** What is said of a feature: its values, its missing and, of categories, its unseen share count alike. */
export function featureStanding(feature: ListedFeature): Standing {
  const movements = [feature, feature.missing, ...("unseen" in feature ? [feature.unseen] : [])];
  const worst = (severities: readonly Severity[]) =>
    severities.reduce((a, b) => (WEIGHT[b] > WEIGHT[a] ? b : a), "none" as Severity);
  const drifted = worst(movements.map((movement) => movement.drifted));
  if (drifted !== "none") {
    return {
      tone: severityTone(drifted),
      words: drifted === "critical" ? "Critical drift" : "Drift",
      rank: WEIGHT[drifted] as 2 | 3,
    };
  }
  const isWatched = movements.some(({ exceeds }) => exceeds !== "none");
  return isWatched ? { tone: "unknown", words: "Watch", rank: 1 } : { tone: "good", words: "In place", rank: 0 };
}

/** What matters most first: drifted by weight in the model, then what moved in this window alone, then the rest. */
export function rankedFeatures<Feature extends ListedFeature>(report: {
  readonly features: readonly Feature[];
}): Feature[] {
  const isSure = (feature: Feature) => featureStanding(feature).rank >= 2;
  return [...report.features].sort(
    (a, b) =>
      Number(isSure(b)) - Number(isSure(a)) ||
      Math.min(1, featureStanding(b).rank) - Math.min(1, featureStanding(a).rank) ||
      b.importance - a.importance,
  );
}

export function StandingBadge({ feature }: { readonly feature: ListedFeature }) {
  const { tone, words } = featureStanding(feature);
  return <Badge tone={tone}>{words}</Badge>;
}
