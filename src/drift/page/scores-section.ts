import type { DecisionMix, DriftReport, Movement } from "../../contracts/drift-report.ts";
import type { ReferenceProfile } from "../../contracts/reference-profile.ts";
import type { DriftSettings } from "../settings.ts";
import { badge, driftBadge } from "./badge.ts";
import { cumulativePlot } from "./cumulative-plot.ts";
import { count, distance, figure, moment, percentage, pointsOf, pValue } from "./figures.ts";
import { numberGroups } from "./groups.ts";
import { type Html, html } from "./html.ts";
import { legend, shareBars } from "./share-bars.ts";

/** What the change did to scores and decisions. */
export function scoresSection(report: DriftReport, reference: ReferenceProfile, settings: DriftSettings): Html {
  const { p_value, psi_warning, psi_critical, rate_warning, rate_critical } = settings;
  const rates = `${figure(rate_warning * 100)} percentage points, critical from ${figure(rate_critical * 100)}`;
  return html`<section aria-labelledby="scores"><h2 id="scores">Scores and decisions</h2>
<p>The scores count as drifted from a PSI of ${psi_warning}, critical from ${psi_critical}; the approval rate from a change of ${rates}. Both only with p ≤ ${p_value}, and when a window among the two judged before was beyond the limits as well. They are findings of their own and don't change the window's severity, which follows from the features.</p>${legend()}
<div class="two"><div>${scores(report, reference)}</div><div>${decisions(report)}</div></div></section>`;
}

function scores({ score }: DriftReport, { score: profile }: ReferenceProfile): Html {
  if (score === null || profile === null) return html`<p>The reference has no scores to compare with.</p>`;
  const mean = (value: number | null) => (value === null ? "unknown" : percentage(value));
  const summary = html`<h3>Scores ${movementBadge(score)}</h3>
<p>Mean probability of default ${mean(score.mean)}, ${mean(score.reference_mean)} in the reference. PSI ${distance(score.psi)}, Kolmogorov–Smirnov ${distance(score.ks)}, p ${pValue(score.p_value)}, Wasserstein ${distance(score.wasserstein_normed)} standard deviations, Jensen–Shannon ${distance(score.js)}.</p>`;
  if (profile.counts.length !== score.counts.length) return summary;
  const groups = numberGroups(profile, score.counts, percentage);
  return html`${summary}${shareBars("Shares of applications, in tenths of the reference", "Probability of default", groups)}${cumulativePlot("score", profile, score.counts, percentage)}`;
}

function decisions({ decisions: mix, reference_decisions, approval_rate }: DriftReport): Html {
  const names = ["approve", "refer", "decline"] as const;
  const total = (of: DecisionMix) => of.approve + of.refer + of.decline;
  const share = (of: DecisionMix, name: (typeof names)[number]) => (total(of) > 0 ? of[name] / total(of) : 0);
  if (reference_decisions === null) {
    const rows = names.map(
      (name) => html`<tr><th scope="row">${name}</th><td class="figure">${count(mix[name])}</td></tr>`,
    );
    return html`<h3>Decisions</h3><p>The reference has no decisions to compare with.</p><table class="statistics"><caption>Decisions</caption><tbody>${rows}</tbody></table>`;
  }
  const groups = names.map((name) => ({
    label: name,
    reference: share(reference_decisions, name),
    current: share(mix, name),
  }));
  const rate =
    approval_rate === null
      ? null
      : html`<p>Approval rate ${percentage(approval_rate.rate)}, ${pointsOf(approval_rate.difference)} against the reference (p ${pValue(approval_rate.p_value)})${approval_rate.drifted !== "none" && approval_rate.since !== null ? `, since ${moment(approval_rate.since)}` : ""}.</p>`;
  return html`<h3>Decisions ${approval_rate === null ? null : movementBadge(approval_rate)}</h3>${rate}${shareBars("Shares of decisions", "Decision", groups)}`;
}

function movementBadge({ exceeds, drifted }: Movement): Html {
  if (drifted !== "none") return driftBadge(drifted);
  return exceeds === "none" ? badge("none", "No drift") : badge("watch", "Exceeds, not yet persistent");
}
