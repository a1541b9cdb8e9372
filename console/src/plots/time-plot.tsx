import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useStore } from "../use-store.ts";
import { type Palette, palette } from "./theme.ts";

type Line = {
  readonly label: string;
  readonly colour: keyof Palette;
  readonly values: readonly (number | null)[];
  readonly dash?: readonly number[];
  /** Fills the area down to 0. */
  readonly isFilled?: boolean;
  /** A dot on each value, for few of them. */
  readonly hasPoints?: boolean;
  /** Goes from value to value in steps. */
  readonly isStepped?: boolean;
};

/** A level that means something, drawn across. */
export type Level = { readonly value: number; readonly label: string; readonly colour: keyof Palette };

export type TimePlotProps = {
  /** All that the plot says, in a sentence, for those who can't see it. */
  readonly summary: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly levels?: readonly Level[];
  readonly format: (value: number) => string;
  /** What the axis reaches at least. */
  readonly atLeast: number;
  readonly atMost?: number;
  readonly height?: number;
  /** The index of a point that was chosen with the pointer. */
  readonly onChoose?: (index: number) => void;
};

/** A single point stands in the middle of so many seconds on either side. */
const LONE_S = 300;
const FONT = '11px "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';

/** A figure's width in that font, and what is between a label and its line. */
const FIGURE_PX = 6.2;
const AXIS_GAP_PX = 12;

/** Lines over time, as wide as there is room. Below it what the pointer is on, else the latest. */
export function TimePlot(props: TimePlotProps) {
  const { times, lines, height = 170 } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const colours = useStore(palette);
  const shape = lines.map(({ label, colour }) => `${label}/${colour}`).join();

  useEffect(() => {
    const element = place.current!;
    const made = new UPlot(
      optionsOf(latest, colours, { width: element.clientWidth, height }, setPointed),
      dataOf(latest.current),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [colours, height, shape]);

  useEffect(() => plot.current?.setData(dataOf(latest.current)), [times, lines]);

  return (
    <>
      <div class="time-plot" ref={place} role="img" aria-label={props.summary} />
      <Readout plot={props} colours={colours} index={pointed ?? times.length - 1} />
    </>
  );
}

function Readout(props: { readonly plot: TimePlotProps; readonly colours: Palette; readonly index: number }) {
  const { plot, colours, index } = props;
  const at = plot.times[index];
  return (
    <p class="readout" aria-hidden="true">
      {plot.lines.map(({ label, colour, values, dash }) => {
        const value = values[index] ?? null;
        return (
          <span key={label}>
            <svg viewBox="0 0 18 8" aria-hidden="true">
              <path d="M0 4h18" stroke={colours[colour]} stroke-width="2" stroke-dasharray={dash?.join(" ")} />
            </svg>
            {label} <b>{value === null ? "–" : plot.format(value)}</b>
          </span>
        );
      })}
      <span>{at === undefined ? "" : clock(at)}</span>
    </p>
  );
}

function dataOf({ times, lines }: TimePlotProps): UPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])];
}

function optionsOf(
  latest: { readonly current: TimePlotProps },
  colours: Palette,
  size: { readonly width: number; readonly height: number },
  onPoint: (index: number | null) => void,
): UPlot.Options {
  const { lines, format, onChoose } = latest.current;
  const axis: UPlot.Axis = {
    stroke: colours.soft,
    font: FONT,
    grid: { stroke: colours.edge, width: 1 },
    ticks: { show: false },
  };
  return {
    ...size,
    padding: [10, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, ...(onChoose && { bind: { click: choose(latest) } }) },
    scales: {
      x: { range: (_, min, max) => (min === max ? [min - LONE_S, max + LONE_S] : [min, max]) },
      y: { range: (_, __, max) => [0, topOf(latest.current, max)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 70, values: (_, splits) => splits.map(clock) },
      { ...axis, size: widthOf, space: 32, values: (_, splits) => splits.map(format) },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, colours))],
    hooks: {
      setCursor: [({ cursor }) => onPoint(cursor.left === undefined || cursor.left < 0 ? null : (cursor.idx ?? null))],
      draw: [(u) => drawLevels(u, latest.current.levels ?? [], colours)],
    },
  };
}

/** Of the axis with these labels, so that they begin where the panel's heading does. */
function widthOf(_: UPlot, labels: readonly string[] | null): number {
  return Math.max(2, ...(labels ?? []).map(({ length }) => length)) * FIGURE_PX + AXIS_GAP_PX;
}

function seriesOf(line: Line, colours: Palette): UPlot.Series {
  const stroke = colours[line.colour];
  const stepped = line.isStepped ? UPlot.paths.stepped?.({ align: 1 }) : undefined;
  return {
    label: line.label,
    stroke,
    width: 1.75,
    ...(line.dash && { dash: [...line.dash] }),
    ...(line.isFilled && { fill: `color-mix(in srgb, ${stroke} 16%, transparent)` }),
    ...(stepped && { paths: stepped }),
    points: { show: line.hasPoints ?? false, size: 7, fill: colours.panel, stroke, width: 1.75 },
    spanGaps: false,
  };
}

function topOf({ atLeast, atMost, levels = [] }: TimePlotProps, max: number | null): number {
  const reached = Math.max(max ?? 0, atLeast, ...levels.map(({ value }) => value)) * 1.08;
  return atMost === undefined ? reached : Math.min(atMost, reached);
}

function choose(latest: { readonly current: TimePlotProps }) {
  return (plot: UPlot) => () => {
    const { idx } = plot.cursor;
    if (idx !== null && idx !== undefined) latest.current.onChoose?.(idx);
    return null;
  };
}

function drawLevels(plot: UPlot, levels: readonly Level[], colours: Palette): void {
  const { ctx } = plot;
  const { left, width } = plot.bbox;
  const ratio = devicePixelRatio;
  for (const { value, label, colour } of levels) {
    const y = plot.valToPos(value, "y", true);
    ctx.save();
    ctx.strokeStyle = colours[colour];
    ctx.fillStyle = colours[colour];
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    ctx.font = FONT.replace("11px", `${11 * ratio}px`);
    ctx.textAlign = "right";
    ctx.textBaseline = "alphabetic";
    ctx.fillText(label, left + width - 4 * ratio, y - 5 * ratio);
    ctx.restore();
  }
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const CLOCK_MINUTES = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "2-digit" });

/** The time of day, seconds where there are some; midnight is a day. @param at in seconds since 1970 */
function clock(at: number): string {
  const date = new Date(at * 1000);
  if (date.getHours() + date.getMinutes() + date.getSeconds() === 0) return DAY.format(date);
  return (date.getSeconds() === 0 ? CLOCK_MINUTES : CLOCK).format(date);
}
