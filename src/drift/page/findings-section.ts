import { ALL_CHANNELS, type DriftReport, type Finding, type FindingKind } from "../../contracts/drift-report.ts";
import { driftBadge } from "./badge.ts";
import { listing, moment, unbroken } from "./figures.ts";
import { findingChannels } from "./finding-channels.ts";
import type { History } from "./history.ts";
import { type Html, html } from "./html.ts";
import { ownerOf } from "./owner.ts";

const KINDS: Readonly<Record<FindingKind, string>> = {
  missing: "values missing: likely a break upstream",
  no_longer_missing: "no longer missing: likely a change upstream",
  unseen_category: "unknown category: likely a change upstream",
  constant: "nearly constant: likely a break upstream",
  scale: "another scale: likely a break upstream",
  population: "other applicants, or a changed product or process",
  scores: "scores",
  approval_rate: "decisions",
};

/** What the window's report found, each with what to do. */
export function findingsSection(report: DriftReport, channels: readonly History[]): Html {
  const { findings } = report;
  const list =
    findings.length === 0
      ? html`<p>None: nothing is statistically sure, practically large and persistent at once.</p>`
      : html`<p><strong>Since</strong> is the start of the first window beyond the limits; the verdict of drift needs a second one among the two judged before it, so it comes a window later at the earliest. The <strong>effects</strong> on the mean probability of default are of each feature by itself: features go together, so effects overlap and don't add up.</p>
<ol class="findings">${findings.map((finding) => findingCard(finding, report, channels))}</ol>`;
  return html`<section aria-labelledby="findings"><h2 id="findings">Findings</h2>${list}</section>`;
}

function findingCard(finding: Finding, report: DriftReport, channels: readonly History[]): Html {
  const { severity, feature, kind, what, since, effect, next_step } = finding;
  const { drifted, quiet, unjudged } = findingChannels(finding, report, channels);
  const title = feature === null ? kind.replaceAll("_", " ") : html`<a href="#feature-${feature}">${feature}</a>`;
  const isOfAll = report.channel === ALL_CHANNELS;
  const where = isOfAll ? [...drifted, ...unjudged].sort() : [report.channel];
  const channelWords = [
    ...(drifted.length > 0 ? [`drifted by itself on ${listing(drifted)}`] : []),
    ...(unjudged.length > 0 ? [`beyond the limits on ${listing(unjudged)}, without a verdict there`] : []),
    ...(quiet.length > 0 ? [`not by itself on ${listing(quiet)}`] : []),
  ];
  return html`<li class="${severity}"><h3>${driftBadge(severity)} ${title} <small>${KINDS[kind]}</small></h3>
<p>${unbroken(what)}</p><dl>${since === null ? null : html`<dt>Since</dt><dd>${moment(since)}</dd>`}${isOfAll && channelWords.length > 0 ? html`<dt>Channels</dt><dd>${channelWords.join("; ")}</dd>` : null}
<dt>Effect</dt><dd>${unbroken(effect)}</dd><dt>Who acts</dt><dd>${ownerOf(kind, where)}</dd><dt>Next step</dt><dd>${next_step}</dd></dl></li>`;
}
