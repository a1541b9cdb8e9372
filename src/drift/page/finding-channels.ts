import type { DriftReport, Finding, Movement } from "../../contracts/drift-report.ts";
import type { History } from "./history.ts";

export type FindingChannels = {
  /** Judged by themselves, and drifted there as well. */
  readonly drifted: readonly string[];
  /** Judged by themselves, and not drifted there. */
  readonly quiet: readonly string[];
  /** Without a verdict of their own in this time, and beyond the limits. */
  readonly unjudged: readonly string[];
};

/**
 * On which channels a finding holds. Where a channel has a verdict of its own on the same time that verdict counts, so that
 * this never says other than the table of channels.
 */
export function findingChannels(
  finding: Finding,
  { window }: Pick<DriftReport, "window">,
  channels: readonly History[],
): FindingChannels {
  const verdicts = channels.flatMap(({ verdict }) => verdict ?? []).filter((one) => overlaps(one.window, window));
  const judged = new Set(verdicts.map(({ channel }) => channel));
  const hasDrifted = (report: DriftReport) => (movementOf(finding, report)?.drifted ?? "none") !== "none";
  return {
    drifted: verdicts.filter(hasDrifted).map(({ channel }) => channel),
    quiet: verdicts.filter((report) => !hasDrifted(report)).map(({ channel }) => channel),
    unjudged: finding.channels.filter((channel) => !judged.has(channel)),
  };
}

/** What the finding is of, in another report. */
function movementOf({ kind, feature: name }: Finding, report: DriftReport): Movement | null | undefined {
  if (kind === "scores") return report.score;
  if (kind === "approval_rate") return report.approval_rate;
  const feature = report.features.find((one) => one.name === name);
  if (kind === "missing" || kind === "no_longer_missing") return feature?.missing;
  if (kind === "unseen_category") return feature?.type === "categorical" ? feature.unseen : undefined;
  return feature;
}

function overlaps(a: DriftReport["window"], b: DriftReport["window"]): boolean {
  return Date.parse(a.start) < Date.parse(b.end) && Date.parse(b.start) < Date.parse(a.end);
}
