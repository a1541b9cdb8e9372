import type { DriftReport, FeatureComparison, RateComparison } from "../../contracts/drift-report.ts";
import type { FeatureProfile, ReferenceProfile } from "../../contracts/reference-profile.ts";
import { featureSeverity } from "../judge-window.ts";
import { featureBadge } from "./badge.ts";
import { cumulativePlot } from "./cumulative-plot.ts";
import { count, distance, figure, percentage, pointsOf, pValue, signed } from "./figures.ts";
import { featureGroups } from "./groups.ts";
import type { History } from "./history.ts";
import { type Html, html } from "./html.ts";
import { ranked } from "./ranking.ts";
import { legend, shareBars } from "./share-bars.ts";
import { timePlot } from "./time-plot.ts";

/** So many of what drifted are unfolded; a link to any other unfolds it. */
const UNFOLDED = 3;

/** One part per feature: both distributions, the statistics, the rates over time. */
export function featureDetails(report: DriftReport, { windows }: History, reference: ReferenceProfile): Html {
  const profiles = new Map(reference.features.map((profile) => [profile.name, profile]));
  const parts = ranked(report).map((feature, rank) => {
    const profile = profiles.get(feature.name);
    const isComparable = profile !== undefined && profile.counts.length === feature.counts.length;
    const isOpen = rank < UNFOLDED && featureSeverity(feature) !== "none";
    return html`<details ${isOpen ? html`open` : null}>
<summary><h3>${feature.name}</h3> ${featureBadge(feature)} <small>PSI ${distance(feature.psi)} · ${percentage(feature.importance)} of importance</small></summary>
<div class="two" id="feature-${feature.name}">${isComparable ? distributions(feature, profile) : html`<p>The reference has no distribution of it.</p>`}
<div>${statistics(feature)}${rates(feature, windows)}</div></div></details>`;
  });
  return html`<section aria-labelledby="each"><h2 id="each">Each feature against the reference</h2>${legend()}${parts}</section>`;
}

function distributions(feature: FeatureComparison, profile: FeatureProfile): Html {
  const isRanged = profile.type === "numeric" && profile.binning === "quantiles";
  const caption = isRanged
    ? `Shares of applications by ${feature.name}, in tenths of the reference as far as its values allow`
    : `Shares of applications by ${feature.name}`;
  const bars = shareBars(
    caption,
    profile.type === "numeric" ? "Value" : "Category",
    featureGroups(profile, feature.counts),
  );
  return html`<div>${bars}${isRanged ? cumulativePlot(feature.name, profile, feature.counts) : null}</div>`;
}

function statistics(feature: FeatureComparison): Html {
  const test = feature.test === "ks" ? "Kolmogorov–Smirnov" : "χ²";
  const rows: [string, string][] = [
    ["Applications with a value", count(feature.n)],
    ["PSI", distance(feature.psi)],
    [`p-value, ${test}`, pValue(feature.p_value)],
    ["p-value, adjusted for all features", pValue(feature.p_adjusted)],
  ];
  if (feature.type === "numeric") {
    rows.push(
      ["Mean now", figure(feature.mean)],
      ["Mean in the reference", figure(feature.reference_mean)],
      ["Kolmogorov–Smirnov distance", distance(feature.ks)],
      ["Wasserstein distance, in standard deviations", distance(feature.wasserstein_normed)],
      ["Out of range", count(feature.out_of_range)],
    );
  }
  rows.push(["Jensen–Shannon distance", distance(feature.js)]);
  if (feature.cramers_v !== null) rows.push(["Cramér's V", distance(feature.cramers_v)]);
  rows.push(["Missing", rateWords(feature.missing)]);
  if (feature.type === "categorical") rows.push(["Unseen category", rateWords(feature.unseen)]);
  rows.push([
    "Mean probability of default that goes with the change",
    `${signed(feature.mean_score_shift * 100, 2)} percentage points`,
  ]);
  if (feature.channels.length > 0) rows.push(["Exceeds by itself on", feature.channels.join(", ")]);
  return html`<table class="statistics"><caption>Statistics</caption><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td class="figure">${value}</td></tr>`,
  )}</tbody></table>`;
}

function rateWords({ rate, reference_rate, difference }: RateComparison): string {
  return `${percentage(rate)}, was ${percentage(reference_rate)} (${pointsOf(difference)})`;
}

/** The shares of missing and unseen values over windows; nothing where there never were any. */
function rates(feature: FeatureComparison, windows: readonly DriftReport[]): Html {
  const over = windows.map(({ features, applications }) =>
    applications > 0 ? features.find(({ name }) => name === feature.name) : undefined,
  );
  const missing = over.map((one) => one?.missing.rate ?? null);
  const unseen = over.map((one) => (one?.type === "categorical" ? one.unseen.rate : null));
  const highest = Math.max(feature.missing.reference_rate, ...[...missing, ...unseen].map((rate) => rate ?? 0));
  if (highest === 0) return html`<p>Never missing, in no window and not in the reference.</p>`;
  const hasUnseen = unseen.some((rate) => rate !== null && rate > 0);
  const second = { name: "Unseen", look: "second", values: unseen, shapes: unseen.map(() => SECOND) };
  const plot = timePlot({
    id: `missing-${feature.name}`,
    title: `Share of ${feature.name} missing${hasUnseen ? " (dots), and of unseen categories (squares)," : ""} over windows; last ${percentage(feature.missing.rate)}`,
    windows: windows.map(({ window }) => window),
    series: [{ name: "Missing", look: "current", values: missing }, ...(hasUnseen ? [second] : [])],
    marks: [{ value: feature.missing.reference_rate, label: "missing in the reference", look: "reference" }],
    format: (value) => percentage(value),
    least: 0.05,
  });
  return html`<h4>Missing${hasUnseen ? " ● and unseen ■" : ""} over windows</h4>${plot}`;
}

const SECOND = { shape: "■", look: "second small" };
