import type { ReferenceProfile } from "../../contracts/reference-profile.ts";
import type { DriftSettings } from "../settings.ts";
import { count, moment, percentage } from "./figures.ts";
import { type Html, html } from "./html.ts";

/** How verdicts are made and what was compared. */
export function method(reference: ReferenceProfile, settings: DriftSettings): Html {
  const { p_value, psi_warning, psi_critical, rate_warning, important_feature } = settings;
  const { drift_score_warning, drift_score_critical, drifted_ratio_warning } = settings;
  const sources = Object.entries(reference.sources).map(([kind, source]) => html`<li>${kind}: ${source}</li>`);
  return html`<section aria-labelledby="method"><h2 id="method">How verdicts are made</h2>
<p>A feature has drifted when the change is all three:</p>
<ul><li><strong>sure</strong>: its p-value, adjusted over all features by Benjamini–Hochberg, is at most ${p_value};</li>
<li><strong>large</strong>: PSI at least ${psi_warning}, critical from ${psi_critical}; or the share of missing or unseen values moved by at least ${percentage(rate_warning)} of applications;</li>
<li><strong>persistent</strong>: so in at least two of the last three windows with a verdict, this one included; critical when it was critical in two of them.</li></ul>
<p>The drift score is the share of the model's importance that has drifted. Warning: a drift score of at least ${drift_score_warning}, more than ${percentage(drifted_ratio_warning)} of features drifted, or a critical feature of at least ${percentage(important_feature)} importance. Critical: a drift score of at least ${drift_score_critical}. A window with too few applications has no verdict, which is not the same as no drift.</p>
<p>Reference: ${count(reference.n)} applications submitted from ${moment(reference.period.from)} to ${moment(reference.period.to)} UTC.</p>
${sources.length === 0 ? null : html`<ul>${sources}</ul>`}</section>`;
}
