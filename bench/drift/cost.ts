import { judgeWindow } from "../../src/drift/judge-window.ts";
import { addTo, mergeCells } from "../../src/statistics/observation-cells.ts";
import { createObserver } from "../../src/statistics/observe.ts";
import { timeGrid } from "../../src/statistics/panes.ts";
import { type ConsumerMemory, consumerMemory } from "./memory.ts";
import type { Populations } from "./population.ts";

export type Cost = {
  readonly features: number;
  /** Counting one application, in microseconds. */
  readonly observeMicros: number;
  /** Merging a second's observations (two scorers, three channels) into a pane's counts, in milliseconds. */
  readonly mergeSecondMs: number;
  readonly judgeMs: number;
  readonly memory: ConsumerMemory;
};

const CHANNELS = ["web", "branch", "partner"];
const PER_SECOND = 20_000;
const TIMES = 200;

/** @param seconds of full traffic that the consumer's memory is watched through. */
export async function cost({ subject, reference }: Populations, seconds: number): Promise<Cost> {
  const grid = timeGrid(0, 24 * 3_600_000);
  const observation = createObserver(subject.manifest.features, subject.layout, grid);
  const rows = reference.map(({ decided }) => ({ ...decided, submittedAt: 0, receivedAt: 0 }));

  const observeMicros = medianOf(9, () => {
    let counts = observation();
    const from = performance.now();
    for (const [index, row] of rows.entries()) {
      // In batches, as the scorer counts them.
      if (index % 256 === 255) counts = observation();
      counts.decision(row);
    }
    return ((performance.now() - from) * 1000) / rows.length;
  });

  // What two scorers pass on in a second, each merged already.
  const portion = (first: number) => {
    const counts = observation();
    for (let i = 0; i < PER_SECOND / 2; i++) {
      counts.decision({ ...rows[(first + i) % rows.length]!, channel: CHANNELS[i % CHANNELS.length]! });
    }
    return counts.cells();
  };
  const second = [...portion(0), ...portion(5_000)];
  let pane = mergeCells(second);
  const mergeSecondMs = medianOf(9, () => {
    const from = performance.now();
    for (let i = 0; i < TIMES; i++) pane = mergeCells([...pane, ...second]);
    return (performance.now() - from) / TIMES;
  });

  const counts = new Float64Array(subject.layout.width);
  for (const cell of second) addTo(counts, cell);
  const window = { channel: "*", start: 0, end: grid.windowMs, status: "judged", provisional: false } as const;
  const judgeMs = medianOf(5, () => {
    const from = performance.now();
    for (let i = 0; i < 20; i++) judgeWindow(subject, { ...window, counts, byChannel: new Map(), previous: [] });
    return (performance.now() - from) / 20;
  });

  return {
    features: subject.layout.features.length,
    ...{ observeMicros, mergeSecondMs, judgeMs },
    memory: await consumerMemory(mergeCells(second), seconds),
  };
}

function medianOf(times: number, measure: () => number): number {
  const all = Array.from({ length: times }, measure).sort((a, b) => a - b);
  return all[times >> 1]!;
}
