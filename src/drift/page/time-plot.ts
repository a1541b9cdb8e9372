import { moment, period } from "./figures.ts";
import { type Html, html } from "./html.ts";

type Window = { readonly start: string; readonly end: string };

type Series = {
  readonly name: string;
  /** Of the line: `current`, `second`. */
  readonly look: string;
  /** One per window; null where there is none, which breaks the line. */
  readonly values: readonly (number | null)[];
  /** Shapes for the points, with the class of their colour; dots otherwise. */
  readonly shapes?: readonly { readonly shape: string; readonly look: string }[];
};

export type TimePlot = {
  readonly id: string;
  /** What is shown and what there is to see, for those who can't see it. */
  readonly title: string;
  readonly windows: readonly Window[];
  readonly series: readonly Series[];
  readonly marks: readonly { readonly value: number; readonly label: string; readonly look: string }[];
  readonly format: (value: number) => string;
  /** The axis ends here, or above it where a value does. */
  readonly least: number;
};

/** With more windows than this the line says enough; points that say more than that there is a value stay. */
const CROWD = 60;
export const DOT = "●";

/**
 * Values over windows. The drawing is stretched to the page's width; everything that must not be stretched, text and
 * points, lies above it as HTML.
 */
export function timePlot({ id, title, windows, series, marks, format, least }: TimePlot): Html {
  const from = Math.min(...windows.map(({ start }) => Date.parse(start)));
  const to = Math.max(...windows.map(({ end }) => Date.parse(end)));
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  const top = Math.max(least, ...marks.map(({ value }) => value), ...values) * 1.08;
  const across = (instant: number) => (100 * (instant - from)) / Math.max(1, to - from);
  const up = (value: number) => 100 - (100 * value) / top;
  const middles = windows.map(({ start, end }) => across((Date.parse(start) + Date.parse(end)) / 2));

  const empty = windows.flatMap(({ start, end }, index) => {
    if (series.some((one) => one.values[index] !== null)) return [];
    const [left, right] = [across(Date.parse(start)), across(Date.parse(end))];
    return html`<rect class="gap" x="${round(left)}" y="0" width="${round(right - left)}" height="100"/>`;
  });
  const lines = series.map(
    ({ look, values: own }) =>
      html`<path class="line ${look}" d="${pathOf(
        middles,
        own.map((value) => (value === null ? null : up(value))),
      )}"/>`,
  );
  const rules = marks.map(({ value, look }) => html`<path class="rule ${look}" d="M0 ${round(up(value))}H100"/>`);
  const labels = marks.map(
    ({ value, label }) => html`<span class="mark" style="top:${round(up(value))}%">${label}</span>`,
  );
  const points = series.flatMap(({ name, look, values: own, shapes }) =>
    own.flatMap((value, index) => {
      if (value === null) return [];
      const point = shapes?.[index] ?? { shape: DOT, look: `${look} small` };
      if (point.shape === DOT && windows.length > CROWD) return [];
      const place = `left:${round(middles[index]!)}%;top:${round(up(value))}%`;
      const tip = `${name}, ${period(windows[index]!)}: ${format(value)}`;
      return html`<span class="point ${point.look}" style="${place}" title="${tip}">${point.shape}</span>`;
    }),
  );
  return html`<figure class="plot">
<div class="axis" aria-hidden="true"><span>${format(top / 1.08)}</span><span>${format(0)}</span></div>
<div class="area">
<svg role="img" aria-labelledby="${id}" viewBox="0 0 100 100" preserveAspectRatio="none"><title id="${id}">${title}</title>
${empty}${rules}${lines}</svg>
<div aria-hidden="true">${labels}${points}</div>
</div>
<div class="dates" aria-hidden="true">${ticks(windows).map((tick) => html`<span>${tick}</span>`)}</div>
</figure>`;
}

/** The first start, one in the middle and the last end. */
function ticks(windows: readonly Window[]): string[] {
  const [first, last] = [windows[0]!, windows.at(-1)!];
  const middle = new Date((Date.parse(first.start) + Date.parse(last.end)) / 2);
  middle.setUTCHours(0, 0, 0, 0);
  return [moment(first.start), ...(windows.length > 2 ? [moment(middle.toISOString())] : []), moment(last.end)];
}

function pathOf(xs: readonly number[], ys: readonly (number | null)[]): string {
  return xs
    .flatMap((x, index) => {
      const y = ys[index];
      if (y === null || y === undefined) return [];
      const isFirst = index === 0 || ys[index - 1] === null;
      // A stretch of no length makes a dot of a value that stands alone.
      return `${isFirst ? "M" : "L"}${round(x)} ${round(y)}${isFirst ? "h0" : ""}`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
