import { ALL_CHANNELS, type DriftReport, type Finding, type FindingKind } from "../../contracts/drift-report.ts";
import { driftBadge } from "./badge.ts";
import { listing, moment, unbroken } from "./figures.ts";
import { type Html, html } from "./html.ts";

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
export function findingsSection({ findings, channel }: DriftReport): Html {
  const list =
    findings.length === 0
      ? html`<p>None: nothing is statistically sure, practically large and persistent at once.</p>`
      : html`<ol class="findings">${findings.map((finding) => findingCard(finding, channel))}</ol>`;
  return html`<section aria-labelledby="findings"><h2 id="findings">Findings</h2>${list}</section>`;
}

function findingCard(finding: Finding, channel: string): Html {
  const { severity, feature, kind, what, since, effect, next_step, channels } = finding;
  const title = feature === null ? kind.replaceAll("_", " ") : html`<a href="#feature-${feature}">${feature}</a>`;
  const where =
    channel !== ALL_CHANNELS || channels.length === 0 ? null : html`<dt>Channels</dt><dd>${listing(channels)}</dd>`;
  return html`<li class="${severity}"><h3>${driftBadge(severity)} ${title} <small>${KINDS[kind]}</small></h3>
<p>${unbroken(what)}</p><dl>${since === null ? null : html`<dt>Since</dt><dd>${moment(since)}</dd>`}${where}
<dt>Effect</dt><dd>${unbroken(effect)}</dd><dt>Next step</dt><dd>${next_step}</dd></dl></li>`;
}
