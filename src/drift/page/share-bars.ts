import { percentage, signed } from "./figures.ts";
import type { GroupShare } from "./groups.ts";
import { type Html, html } from "./html.ts";

/** Changes of a share below it are noise to the eye. */
const NOTABLE = 0.05;

/** Shares of the reference and of the window side by side: a table, each pair of figures with its pair of bars. */
export function shareBars(caption: string, heading: string, groups: readonly GroupShare[]): Html {
  const longest = Math.max(...groups.flatMap(({ reference, current }) => [reference, current]), 0.01);
  const width = (share: number) => Math.round((1000 * share) / longest) / 10;
  const rows = groups.map(({ label, reference, current }) => {
    const change = current - reference;
    const points = signed(change * 100, 1);
    const isNotable = Math.abs(change) >= NOTABLE;
    return html`<tr><th scope="row">${label}</th>
<td class="bars" aria-hidden="true"><span class="bar reference" style="width:${width(reference)}%"></span><span class="bar current" style="width:${width(current)}%"></span></td>
<td class="figure">${percentage(reference)}</td><td class="figure">${percentage(current)}</td>
<td class="figure change">${isNotable ? html`<strong>${points}</strong>` : points}</td></tr>`;
  });
  return html`<table class="shares"><caption>${caption}</caption>
<thead><tr><th scope="col">${heading}</th><td class="bars" aria-hidden="true"></td><th scope="col" class="figure">Reference</th><th scope="col" class="figure">Now</th><th scope="col" class="figure change">Change, percentage points</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

/** What the two looks mean, wherever the two are drawn. */
export function legend(): Html {
  return html`<p class="legend"><span><span class="key reference"></span> Reference</span> <span><span class="key current"></span> This window</span></p>`;
}
