import { ALL_CHANNELS, type DriftReport } from "../../contracts/drift-report.ts";
import { windowBadge } from "./badge.ts";
import { count, counted, percentage, period } from "./figures.ts";
import type { History } from "./history.ts";
import { type Html, html } from "./html.ts";
import { driftedFeatures, isExceedanceAlone, movedOfModel, ranked } from "./ranking.ts";
import { type Column, table } from "./table.ts";
import { collapseOf, coveredOf } from "./volume.ts";

const ofVerdict = (report: DriftReport, text: string) => (report.status === "judged" ? text : "–");

/** @param applications of a report in words. */
const common = (applications: (report: DriftReport) => string): readonly Column<DriftReport>[] => [
  { heading: "Verdict", cell: windowBadge },
  { heading: "Drift score", cell: (report) => ofVerdict(report, report.drift_score.toFixed(2)), isFigure: true },
  { heading: "Applications", cell: applications, isFigure: true },
  {
    heading: "What drifted",
    cell: (report) => ofVerdict(report, names(report)),
  },
];

/** The newest verdict of each channel by itself. */
export function channelsSection(channels: readonly History[]): Html | null {
  const rows = channels.flatMap(({ verdict, windows }) => verdict ?? windows.at(-1) ?? []);
  if (rows.length === 0) return null;
  const columns: Column<DriftReport>[] = [
    { heading: "Channel", cell: ({ channel }) => channel },
    ...common(({ applications }) => count(applications)),
    { heading: "Window", cell: (report) => windowWords(report, channels) },
  ];
  return html`<section aria-labelledby="channels"><h2 id="channels">Channels</h2>${table("The newest verdict on each channel, judged by itself: with fewer applications a channel can have drifted in less than all together", columns, rows)}</section>`;
}

function windowWords(report: DriftReport, channels: readonly History[]): string {
  const newest = channels.find(({ channel }) => channel === report.channel)?.windows.at(-1);
  return `${period(report.window)}${newest === report ? "" : "; too few applications since"}`;
}

/** Older windows are folded away. */
const UNFOLDED = 30;

/** Every window, the newest first. */
export function windowsSection({ windows, channel }: History, madeAt: Date): Html {
  const columns: Column<DriftReport>[] = [
    { heading: "Window", cell: ({ window }) => period(window) },
    ...common((report) => applicationsWords(report, windows, madeAt)),
    { heading: "Revision", cell: revisionWords, isFigure: true },
  ];
  const newest = windows.slice(-UNFOLDED).reverse();
  const older = windows.slice(0, -UNFOLDED).reverse();
  const of = channel === ALL_CHANNELS ? "all channels together" : `channel ${channel}`;
  return html`<section aria-labelledby="windows"><h2 id="windows">Windows</h2>${table(`Windows of ${of}, the newest first. What goes beyond the limits for the first time is not yet drift: a finding's “since” is that window, its verdict comes with a second one.`, columns, newest)}
${older.length === 0 ? null : html`<details><summary>${counted(older.length, "older window")}</summary>${table(`Older windows of ${of}`, columns, older)}</details>`}</section>`;
}

function applicationsWords(report: DriftReport, windows: readonly DriftReport[], madeAt: Date): string {
  const share = collapseOf(report, windows);
  const covered = coveredOf(report, madeAt);
  const few = share === undefined ? "" : ` ▾ ${percentage(share)} of the usual`;
  return `${count(report.applications)}${few}${covered === undefined ? "" : `, ${percentage(covered)} of its time`}`;
}

function revisionWords({ revision }: DriftReport): string {
  return revision === 1 ? "1" : `${revision}, corrected by late applications`;
}

function names(report: DriftReport): string {
  const drifted = [...driftedFeatures(report).map(({ name }) => name), ...movedOfModel(report)];
  const watched = ranked(report).filter(isExceedanceAlone);
  const alone =
    watched.length === 0
      ? ""
      : `; beyond the limits, not yet persistent: ${watched.map(({ name }) => name).join(", ")}`;
  return `${drifted.length === 0 ? "none" : drifted.join(", ")}${alone}`;
}
