import { ALL_CHANNELS, type DriftReport, type FeatureComparison, type Severity } from "../contracts/drift-report.ts";
import { count, counted, distance, listing, moment, percentage, period, pValue } from "./page/figures.ts";
import { type History, histories } from "./page/history.ts";
import { nextSteps } from "./page/next-steps.ts";
import { driftedFeatures, featureVerdict, ranked } from "./page/ranking.ts";

const WIDTH = 100;
const LONGEST_NAME = 28;

const WORDS: Readonly<Record<Severity, string>> = { none: "no warning", warning: "WARNING", critical: "CRITICAL" };

/** The newest verdict, what was found, the features and the windows, in lines of at most 100 columns. */
export function renderTerminal(reports: readonly DriftReport[]): string {
  const { all, channels } = histories(reports);
  const shown = [all, ...channels].filter(({ windows }) => windows.length > 0);
  if (shown.length === 0) return "No window has closed yet, so whether anything has drifted is not known.\n";
  const blocks = shown.map((history, index) => historyLines(history, index === 0));
  const text = `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
  // A category's name is free text: it must not command the terminal.
  return text.replace(/[^\P{Cc}\n]/gu, "�");
}

function historyLines(history: History, isMain: boolean): string[] {
  const { verdict, windows } = history;
  const { model, channel } = windows.at(-1)!;
  const scope = channel === ALL_CHANNELS ? "all channels" : `channel ${channel}`;
  const head = `${model.name} ${model.version}, ${scope}`;
  const after = windowsAfter(history);
  if (verdict === undefined)
    return [...wrapped(`${head}: ${after[0]}`), ...(isMain ? ["", ...windowLines(windows)] : [])];
  const lines = [...wrapped(`${head}: ${headline(verdict)}`), ...after.flatMap((text) => wrapped(text))];
  if (!isMain) return lines;
  return [...lines, ...findingLines(verdict), "", ...featureLines(verdict), "", ...windowLines(windows)];
}

function headline(report: DriftReport): string {
  const { severity, drift_score, features_drifted, features_tested, window, applications } = report;
  const share = `${features_drifted} of ${counted(features_tested, "feature")} drifted`;
  return `${WORDS[severity]}, drift score ${drift_score.toFixed(2)}; ${share}; ${period(window)}, ${counted(applications, "application")}`;
}

/** A window without a verdict is never taken for one without drift. */
function windowsAfter({ windows, verdict }: History): string[] {
  const newest = windows.at(-1)!;
  if (newest === verdict) return [];
  const words = `too few applications for a verdict in ${period(newest.window)} (${count(newest.applications)})`;
  return [verdict === undefined ? `${words}; whether anything drifted is not known` : `since then ${words}`];
}

function findingLines(report: DriftReport): string[] {
  const found = report.findings.flatMap(({ severity, what, since }) =>
    wrapped(`${severity === "critical" ? "◆" : "▲"} ${what}${since === null ? "" : ` Since ${moment(since)}.`}`, "  "),
  );
  const steps = nextSteps(report).flatMap(({ who, step, of }) =>
    wrapped(`→ ${who === null ? "" : `${who}, `}${of.length === 0 ? "" : `${listing(of)}: `}${step}`, "  "),
  );
  return [...(found.length === 0 ? [] : ["", ...found]), "", ...steps];
}

function featureLines(report: DriftReport): string[] {
  const rows = ranked(report).map((feature) => [
    clipped(feature.name, LONGEST_NAME),
    featureVerdict(feature).words,
    percentage(feature.importance),
    distance(feature.psi),
    pValue(feature.p_adjusted),
    missingWords(feature),
  ]);
  return aligned(["feature", "verdict", "weight", "PSI", "p (adj.)", "missing (was)"], rows, [0, 1]);
}

function missingWords({ missing }: FeatureComparison): string {
  return `${percentage(missing.rate)} (${percentage(missing.reference_rate)})`;
}

function windowLines(windows: readonly DriftReport[]): string[] {
  const rows = windows.map((report) => {
    const { window, status, severity, drift_score, applications, revision } = report;
    const isJudged = status === "judged";
    const drifted = driftedFeatures(report).map(({ name }) => name);
    return [
      window.start.replace("T", " ").replace(/( 00:00)?(:00)?(\.000)?Z$/, ""),
      lengthOf(window),
      isJudged ? WORDS[severity] : "too few",
      isJudged ? drift_score.toFixed(2) : "–",
      count(applications),
      `${revision > 1 ? `(revision ${revision}) ` : ""}${isJudged ? [drifted.length, ...drifted].join(" ") : "–"}`,
    ];
  });
  return aligned(["from", "length", "verdict", "score", "applications", "drifted features"], rows, [0, 2, 5]);
}

function lengthOf({ start, end }: DriftReport["window"]): string {
  const minutes = (Date.parse(end) - Date.parse(start)) / 60_000;
  if (minutes % 1_440 === 0) return `${minutes / 1_440} d`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Number(minutes.toFixed(2))} min`;
}

/** Columns side by side, figures at the right of theirs; `texts` are the columns of text. */
function aligned(heads: readonly string[], rows: readonly string[][], texts: readonly number[]): string[] {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) => {
    const cells = row.map((cell, column) =>
      texts.includes(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return clipped(cells.join("  ").trimEnd(), WIDTH);
  });
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Breaks a text between words; all lines but the first are indented. */
function wrapped(text: string, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
