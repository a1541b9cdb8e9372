import type { DriftReport, FeatureComparison, Severity } from "../../contracts/drift-report.ts";
import { type Html, html } from "./html.ts";
import { featureVerdict, isExceedanceAlone } from "./ranking.ts";
import { DOT } from "./time-plot.ts";

type Tone = Severity | "watch" | "unknown";

/** A shape of its own for each tone, so that colour never stands alone. */
const SHAPES: Readonly<Record<Tone, string>> = {
  none: "✓",
  watch: "◔",
  warning: "▲",
  critical: "◆",
  unknown: "○",
};

const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  none: "No warning",
  warning: "Warning",
  critical: "Critical",
};

export function badge(tone: Tone, words: string): Html {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${SHAPES[tone]}</span> ${words}</span>`;
}

/** Of something that drifted: a feature, the scores, the decisions. */
export function driftBadge(severity: Severity): Html {
  return badge(severity, severity === "critical" ? "Critical drift" : "Drift");
}

export function severityBadge(severity: Severity): Html {
  return badge(severity, SEVERITY_WORDS[severity]);
}

/** A window without enough applications never looks like one without drift. */
export function windowTone({ status, severity }: Pick<DriftReport, "status" | "severity">): Tone {
  return status === "judged" ? severity : "unknown";
}

export function windowWords({ status, severity }: Pick<DriftReport, "status" | "severity">): string {
  return status === "judged" ? SEVERITY_WORDS[severity] : "Too few applications";
}

export function windowBadge(report: Pick<DriftReport, "status" | "severity">): Html {
  return badge(windowTone(report), windowWords(report));
}

/** The shape of a point in a chart: a tick would get lost on a line. */
export function pointOf(report: Pick<DriftReport, "status" | "severity">): string {
  const tone = windowTone(report);
  if (tone === "none") return DOT;
  // There is no point: the window is a grey band.
  return tone === "unknown" ? "▒" : SHAPES[tone];
}

export function featureBadge(feature: FeatureComparison): Html {
  const { severity, words } = featureVerdict(feature);
  return badge(isExceedanceAlone(feature) ? "watch" : severity, words);
}
