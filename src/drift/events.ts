import type { DriftEvent, DriftReport, FeatureComparison } from "../contracts/drift-report.ts";
import type { Chain, ClosedWindow } from "./report-rows.ts";

/** Far below what the broker takes. */
const MOST_EVENT_BYTES = 512 * 1024;
/** Of a report that is larger: so many features, checks and findings. */
const MOST_LISTED = 100;

/**
 * The event of a report, as JSON, without the counts of the bins. Of models with many hundreds of features it lists only
 * what exceeds, weightiest first, and no passed checks; the stored report has all.
 */
export function reportEvent(report: DriftReport): string {
  const features = report.features.map(({ counts: _, ...feature }) => feature);
  const event = JSON.stringify({ ...report, features });
  if (Buffer.byteLength(event) <= MOST_EVENT_BYTES) return event;
  return JSON.stringify({
    ...report,
    features: features
      .filter(exceeds)
      .sort((a, b) => b.importance - a.importance)
      .slice(0, MOST_LISTED),
    quality: report.quality.filter(({ pass }) => !pass).slice(0, MOST_LISTED),
    findings: report.findings.slice(0, MOST_LISTED),
  });
}

function exceeds(feature: DistributiveOmit<FeatureComparison, "counts">): boolean {
  const rates = feature.type === "categorical" ? [feature.missing, feature.unseen] : [feature.missing];
  return [feature, ...rates].some((moved) => moved.exceeds !== "none");
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** The event that a window's report is no more: late applications have moved the borders of windows. */
export function withdrawalEvent(
  { model, channel, cut }: Chain,
  { start, end }: ClosedWindow,
  revision: number,
): string {
  const window = { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  const event: DriftEvent = { model, channel, window, revision, cut, status: "withdrawn" };
  return JSON.stringify(event);
}
