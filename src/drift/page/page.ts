import { ALL_CHANNELS, type DriftReport } from "../../contracts/drift-report.ts";
import type { ReferenceProfile } from "../../contracts/reference-profile.ts";
import { DEFAULT_SETTINGS, type DriftSettings } from "../settings.ts";
import { featureDetails } from "./feature-details.ts";
import { featuresSection } from "./features-section.ts";
import { count, moment, period } from "./figures.ts";
import { findingsSection } from "./findings-section.ts";
import { method } from "./footer.ts";
import { type History, histories } from "./history.ts";
import { type Html, html } from "./html.ts";
import { qualitySection } from "./quality-section.ts";
import { scoresSection } from "./scores-section.ts";
import { STYLE } from "./style.ts";
import { driftScoreSection, verdictSection } from "./verdict-section.ts";
import { channelsSection, windowsSection } from "./windows-section.ts";

/**
 * The drift of one model as a page that needs nothing else: no script, no request. Someone given only the page can tell
 * what moved, since when, how much, whether it matters and what to do.
 * @param reports of all windows and channels, in any order; of one model.
 * @param settings by which the reports were judged.
 */
export function renderPage(
  reports: readonly DriftReport[],
  reference: ReferenceProfile,
  madeAt: Date,
  settings: DriftSettings = DEFAULT_SETTINGS,
): string {
  const { all, channels } = histories(reports);
  // Asked for one channel alone, the page is about that channel.
  const main = all.windows.length === 0 && channels.length === 1 ? channels[0]! : all;
  const others = channels.filter((channel) => channel !== main);
  const model = reports.at(-1)?.model ?? reference.model;
  const scope = main.channel === ALL_CHANNELS ? "all channels" : `channel ${main.channel}`;
  const title = `Drift of ${model.name} ${model.version}`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title><style>${{ markup: STYLE }}</style></head>
<body><header><h1>${title}</h1>
<p>${scope} · made ${moment(madeAt.toISOString())} UTC</p></header>
<main>${main.verdict === undefined ? noVerdict(main) : verdict(main.verdict, main, others, reference, settings, madeAt)}
${channelsSection(others)}
${main.windows.length === 0 ? null : windowsSection(main, madeAt)}</main>
<footer>${method(reference, settings)}</footer></body></html>`;
  return `${page.markup}\n`;
}

function verdict(
  report: DriftReport,
  history: History,
  channels: readonly History[],
  reference: ReferenceProfile,
  settings: DriftSettings,
  madeAt: Date,
): Html {
  return html`${verdictSection(report, history, settings, madeAt)}
${findingsSection(report, channels)}
${driftScoreSection(history, settings)}
${featuresSection(report, history, settings)}
${scoresSection(report, reference, settings)}
${featureDetails(report, history, reference)}
${qualitySection(report)}`;
}

/** Says plainly that nothing is known, which must not be taken for no drift. */
function noVerdict({ windows, provisional }: History): Html {
  const newest = windows.at(-1);
  const why =
    newest === undefined
      ? html`<p>No window has closed yet.</p>`
      : html`<p>No window held enough applications. The newest, ${period(newest.window)}, held ${count(newest.applications)}.</p>`;
  const ahead =
    provisional === undefined
      ? null
      : html`<p>The sliding view up to ${period(provisional.window)} holds ${count(provisional.applications)} applications; it is provisional.</p>`;
  return html`<section class="verdict unknown" aria-labelledby="verdict"><h2 id="verdict">○ There is no verdict yet</h2>${why}${ahead}
<p>Whether the applications have drifted is not known. That is not the same as no drift.</p></section>`;
}
