import { ALL_CHANNELS, type DriftReport } from "../../contracts/drift-report.ts";

/** The reports of one channel, or of all channels together. */
export type History = {
  readonly channel: string;
  /** One report per window, the latest revision, in time order; of the bundle of the newest. */
  readonly windows: readonly DriftReport[];
  /** Those with a verdict. */
  readonly judged: readonly DriftReport[];
  /** The verdict that stands: of the newest judged window. */
  readonly verdict: DriftReport | undefined;
  /** What the sliding view shows after the last closed window; no verdict. */
  readonly provisional: DriftReport | undefined;
};

/** The history of all channels together, which may be empty, and one per channel that has reports. */
export function histories(reports: readonly DriftReport[]): { readonly all: History; readonly channels: History[] } {
  const channels = [...new Set(reports.map(({ channel }) => channel))].filter((name) => name !== ALL_CHANNELS).sort();
  return { all: historyOf(reports, ALL_CHANNELS), channels: channels.map((channel) => historyOf(reports, channel)) };
}

function historyOf(reports: readonly DriftReport[], channel: string): History {
  const own = reports.filter((report) => report.channel === channel).sort(byTime);
  // Another bundle has another reference: its figures can't be shown beside this one's.
  const bundle = own.at(-1)?.model.bundle_sha256;
  const comparable = own.filter(({ model }) => model.bundle_sha256 === bundle);
  const latest = new Map<string, DriftReport>();
  for (const report of comparable.filter(({ provisional }) => !provisional)) {
    const known = latest.get(report.window.start);
    if (known === undefined || known.revision <= report.revision) latest.set(report.window.start, report);
  }
  const windows = [...latest.values()];
  const judged = windows.filter(({ status }) => status === "judged");
  const newest = comparable.at(-1);
  return {
    channel,
    windows,
    judged,
    verdict: judged.at(-1),
    provisional: newest?.provisional ? newest : undefined,
  };
}

function byTime(a: DriftReport, b: DriftReport): number {
  return Date.parse(a.window.end) - Date.parse(b.window.end) || a.revision - b.revision;
}
