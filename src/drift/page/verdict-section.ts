import type { DriftReport } from "../../contracts/drift-report.ts";
import type { DriftSettings } from "../settings.ts";
import { answersOf } from "./answers.ts";
import { pointOf, severityBadge, windowTone, windowWords } from "./badge.ts";
import { count, listing, moment, period } from "./figures.ts";
import type { History } from "./history.ts";
import { type Html, html } from "./html.ts";
import { timePlot } from "./time-plot.ts";
import { volumeWarning } from "./volume.ts";

/** The verdict that stands, in words first: what moved, since when, how much, does it matter, what now. */
export function verdictSection(report: DriftReport, history: History, settings: DriftSettings, madeAt: Date): Html {
  const { headline, moved, since, size, matters, now } = answersOf(report, history.windows[0]!.window.start, settings);
  const { drift_score_warning: warning, drift_score_critical: critical } = settings;
  return html`<section class="verdict ${report.severity}" aria-labelledby="verdict">
<div class="head"><h2 id="verdict">${severityBadge(report.severity)} ${headline}</h2>
<p class="score"><span class="number">${report.drift_score.toFixed(2)}</span> drift score<br><small>warning from ${warning}, critical from ${critical}</small></p></div>
<p class="of">${period(report.window)} · ${count(report.applications)} applications, compared with ${count(report.reference.applications)} of the reference, ${referencePeriod(report)}</p>
${terms(settings)}
${notices(history, madeAt)}
<dl class="answers">
<div><dt>What moved?</dt><dd>${lines(moved)}</dd></div>
<div><dt>Since when?</dt><dd>${lines(since)}</dd></div>
<div><dt>How much?</dt><dd>${lines(size)}</dd></div>
<div><dt>Does it matter?</dt><dd>${lines(matters)}</dd></div>
<div><dt>What now?</dt><dd><ol>${now.map(({ who, step, of }) => html`<li>${who === null ? null : html`<span class="who">${who}</span> `}${of.length === 0 ? null : html`<strong>${listing(of)}:</strong> `}${step}</li>`)}</ol></dd></div>
</dl></section>`;
}

/** The two words that everything below is said in. */
function terms({ psi_warning, psi_critical }: DriftSettings): Html {
  return html`<p class="terms"><strong>Importance</strong> is how much of the model's predictions a feature accounts for; all features together have 100 %. <strong>PSI</strong>, the population stability index, is how far the shares of a feature's values have shifted from the reference: 0 is not at all, ${psi_warning} is large, ${psi_critical} is critical.</p>`;
}

/** The days alone. */
function referencePeriod({ reference }: DriftReport): string {
  const { from, to } = reference.period;
  return `${moment(from.slice(0, 10))} to ${moment(to.slice(0, 10))}`;
}

function lines(sentences: readonly string[]): Html {
  if (sentences.length === 0) return html`–`;
  return html`<ul>${sentences.map((one) => html`<li>${one}</li>`)}</ul>`;
}

/** What a reader of the verdict must know of the windows after it. */
function notices({ windows, verdict, provisional }: History, madeAt: Date): Html[] {
  const after = windows.slice(verdict === undefined ? 0 : windows.indexOf(verdict) + 1);
  const insufficient = after.map(
    (window) =>
      html`<p class="notice">○ ${period(window.window)} held ${count(window.applications)} applications: too few for a verdict. The verdict here is that of the last window that held enough.</p>`,
  );
  const warning = verdict && volumeWarning(verdict, windows, madeAt);
  const known = [...(warning === undefined ? [] : [html`<p class="notice warning">▾ ${warning}</p>`]), ...insufficient];
  if (provisional === undefined) return known;
  const score =
    provisional.status === "judged" ? `drift score ${provisional.drift_score.toFixed(2)}` : "too few applications";
  return [
    ...known,
    html`<p class="notice">Provisional, from the sliding view up to ${period(provisional.window)}: ${score}. The verdict comes when the window closes.</p>`,
  ];
}

/** The drift score over all windows, with the limits. */
export function driftScoreSection({ windows, judged }: History, settings: DriftSettings): Html {
  const { drift_score_warning: warning, drift_score_critical: critical } = settings;
  const highest = judged.reduce((most, report) => Math.max(most, report.drift_score), 0);
  const [first, last] = [judged[0]!, judged.at(-1)!];
  const plot = timePlot({
    id: "drift-score-plot",
    title: `Drift score over ${judged.length} judged windows, from ${first.drift_score.toFixed(2)} to ${last.drift_score.toFixed(2)}, at most ${highest.toFixed(2)}`,
    windows: windows.map(({ window }) => window),
    series: [
      {
        name: "Drift score",
        look: "current",
        values: windows.map(({ status, drift_score }) => (status === "judged" ? drift_score : null)),
        shapes: windows.map((report) => ({ shape: pointOf(report), look: windowTone(report) })),
      },
    ],
    marks: [
      { value: critical, label: `critical ${critical}`, look: "critical" },
      { value: warning, label: `warning ${warning}`, look: "warning" },
    ],
    format: (value) => value.toFixed(2),
    least: 0.9,
  });
  const seen = [...new Map(windows.map((report) => [windowTone(report), report])).values()];
  const key = seen.map(
    (report) =>
      html`<span><span class="${windowTone(report)}">${pointOf(report)}</span> ${windowWords(report)}</span> `,
  );
  return html`<section aria-labelledby="drift-score"><h2 id="drift-score">Drift score over time</h2>
<p>The share of the model's importance whose features have drifted. Many drifted features, or an important one in critical drift, are a warning below the line as well.</p>
${plot}<p class="legend">${key}</p></section>`;
}
