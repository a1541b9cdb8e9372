import { distance } from "./figures.ts";
import { type Html, html } from "./html.ts";

const WIDTH = 110;
const HEIGHT = 30;
const PADDING = 4;

/** PSI over windows, with the limits of a warning and of critical drift; null where a window has no verdict. */
export function psiSparkline(
  feature: string,
  values: readonly (number | null)[],
  limits: { readonly psi_warning: number; readonly psi_critical: number },
): Html {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return html`–`;
  const top = Math.max(limits.psi_critical * 1.3, ...known);
  const y = (value: number) => round(HEIGHT - PADDING - ((HEIGHT - 2 * PADDING) * value) / top);
  const step = (WIDTH - 2 * PADDING) / Math.max(1, values.length - 1);
  const x = (index: number) => round(PADDING + index * step);
  const path = values
    .flatMap((value, index) => {
      if (value === null) return [];
      return `${index === 0 || values[index - 1] === null ? "M" : "L"}${x(index)} ${y(value)}h0`;
    })
    .join("");
  const last = values.length - 1;
  const title = `PSI of ${feature} over ${known.length} windows: first ${distance(known[0]!)}, highest ${distance(
    Math.max(...known),
  )}, last ${distance(known.at(-1)!)}`;
  const lastValue = values[last] ?? null;
  const dot =
    lastValue === null ? null : html`<circle class="point current" cx="${x(last)}" cy="${y(lastValue)}" r="2.5"/>`;
  return html`<svg class="spark" role="img" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
<title>${title}</title>
<path class="rule warning" d="M0 ${y(limits.psi_warning)}H${WIDTH}"/>
<path class="rule critical" d="M0 ${y(limits.psi_critical)}H${WIDTH}"/>
<path class="line current" d="${path}"/>${dot}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
