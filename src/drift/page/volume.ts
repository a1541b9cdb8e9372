import type { DriftReport } from "../../contracts/drift-report.ts";
import { count, percentage, period } from "./figures.ts";

/** Below this share of what is usual a window's applications are called out. */
const COLLAPSE = 0.5;
/** What is usual is the median of so many windows before, per time, as windows may be extended. */
const WINDOWS_BEFORE = 6;

/** How many applications a window would hold if they came as in the windows before it; undefined for the first. */
function usualIn(report: DriftReport, windows: readonly DriftReport[]): number | undefined {
  const index = windows.indexOf(report);
  const rates = windows
    .slice(Math.max(0, index - WINDOWS_BEFORE), Math.max(0, index))
    .map((one) => one.applications / widthOf(one))
    .sort((a, b) => a - b);
  const half = rates.length / 2;
  const median = (rates[Math.ceil(half) - 1]! + rates[Math.floor(half)]!) / 2;
  return rates.length === 0 ? undefined : median * widthOf(report);
}

/** Applications as a share of what is usual, where that is very little. */
export function collapseOf(report: DriftReport, windows: readonly DriftReport[]): number | undefined {
  const usual = usualIn(report, windows);
  if (usual === undefined || report.applications >= COLLAPSE * usual) return undefined;
  return report.applications / usual;
}

/** The share of a window's width that had passed when the page was made; undefined when all had. */
export function coveredOf({ window }: DriftReport, madeAt: Date): number | undefined {
  const [start, end] = [Date.parse(window.start), Date.parse(window.end)];
  return madeAt.getTime() < end ? Math.max(0, (madeAt.getTime() - start) / (end - start)) : undefined;
}

/** What to know of a window that holds few applications, or was closed before its time; undefined when there is nothing. */
export function volumeWarning(report: DriftReport, windows: readonly DriftReport[], madeAt: Date): string | undefined {
  const share = collapseOf(report, windows);
  const covered = coveredOf(report, madeAt);
  const closed = covered === undefined ? [] : [closedEarly(covered)];
  if (share === undefined) {
    return covered === undefined
      ? undefined
      : `${period(report.window)}: ${closed.join(" ")} Its figures can still change.`;
  }
  const held = `${period(report.window)} held ${count(report.applications)} applications, ${percentage(share)} of what is usual by the windows before it.`;
  const isLast = windows.at(-1) === report;
  const unfinished =
    covered === undefined && isLast
      ? " Or the window was closed before its last application came, as the last one of a replay is; then it covers about that share of its width."
      : "";
  const why =
    covered === undefined
      ? `Ask data engineering whether a channel has stopped sending, then whether fewer people apply.${unfinished}`
      : closed.join(" ");
  return `${held} ${why} Read what moved with care: part of a window need not be like the whole.`;
}

function closedEarly(covered: number): string {
  return `It was closed when ${percentage(covered)} of its time had passed.`;
}

function widthOf({ window }: DriftReport): number {
  return Date.parse(window.end) - Date.parse(window.start);
}
