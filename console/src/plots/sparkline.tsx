import type { Level } from "./time-plot.tsx";

const WIDTH = 112;
const HEIGHT = 28;
const PADDING = 3;

/** A course of values without axes, null where there is none; with the levels that mean something. */
export function Sparkline(props: {
  readonly summary: string;
  readonly values: readonly (number | null)[];
  readonly levels: readonly Pick<Level, "value" | "colour">[];
}) {
  const { values, levels } = props;
  const known = values.filter((value) => value !== null);
  const last = values.at(-1) ?? null;
  if (known.length === 0) return <span class="soft">–</span>;
  const top = Math.max(...levels.map(({ value }) => value * 1.2), ...known);
  const x = (index: number) => PADDING + (index * (WIDTH - 2 * PADDING)) / Math.max(1, values.length - 1);
  const y = (value: number) => HEIGHT - PADDING - ((HEIGHT - 2 * PADDING) * value) / top;
  const path = values.map((value, index) =>
    // A value alone between two gaps is a dot: a line of no length with round ends.
    value === null ? "" : `${(values[index - 1] ?? null) === null ? "M" : "L"}${x(index)} ${y(value)}h0`,
  );
  return (
    <svg class="sparkline" role="img" aria-label={props.summary} viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      {levels.map(({ value, colour }) => (
        <path key={colour} class={`level ${colour}`} d={`M0 ${y(value)}H${WIDTH}`} />
      ))}
      <path class="line" d={path.join("")} />
      {last !== null && <circle class="dot" cx={x(values.length - 1)} cy={y(last)} r="2.5" />}
    </svg>
  );
}
