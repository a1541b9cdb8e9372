import type { Distribution } from "../../contracts/reference-profile.ts";
import { figure, percentage } from "./figures.ts";
import { cumulativeShares } from "./groups.ts";
import { type Html, html } from "./html.ts";

/**
 * The share of applications below each value, reference and window overlaid: exact at the edges of all bins, where a
 * density would have to guess. The widest gap between the two is the Kolmogorov–Smirnov statistic. The axis leaves out
 * the lowest and the highest bin, which reach as far as the extremes.
 */
export function cumulativePlot(
  name: string,
  profile: Distribution,
  counts: readonly number[],
  format: (value: number) => string = figure,
): Html | null {
  const { edges } = profile;
  const [low, high] = [edges[0], edges.at(-1)];
  if (low === undefined || high === undefined || high <= low) return null;
  const reference = cumulativeShares(profile.counts);
  const current = cumulativeShares(counts);
  const x = (value: number) => round((100 * (value - low)) / (high - low));
  const y = (share: number) => round(100 - 100 * share);
  const path = (shares: readonly number[]) =>
    shares.map((share, index) => `${index === 0 ? "M" : "L"}${x(edges[index]!)} ${y(share)}`).join("");
  const gaps = reference.map((share, index) => Math.abs(share - current[index]!));
  const widest = gaps.indexOf(Math.max(...gaps));
  const at = edges[widest]!;
  const words = `Below ${format(at)} lie ${percentage(current[widest]!)} of the values now, ${percentage(reference[widest]!)} in the reference: the widest gap.`;
  const id = `below-${name}`;
  return html`<figure class="plot cumulative">
<div class="axis" aria-hidden="true"><span>100 %</span><span>0 %</span></div>
<div class="area"><svg role="img" aria-labelledby="${id}" viewBox="0 0 100 100" preserveAspectRatio="none"><title id="${id}">Share of ${name} below each value, from ${format(low)} to ${format(high)}. ${words}</title>
<path class="rule" d="M0 50H100"/><path class="widest" d="M${x(at)} ${y(reference[widest]!)}V${y(current[widest]!)}"/>
<path class="line reference" d="${path(reference)}"/><path class="line current" d="${path(current)}"/></svg></div>
<div class="dates" aria-hidden="true"><span>${format(low)}</span><span>${format((low + high) / 2)}</span><span>${format(high)}</span></div>
<figcaption>Share of applications with ${name} below a value. ${words}</figcaption>
</figure>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
