import type { FeatureValue } from "../contracts/application.ts";
import type { ObservationCell } from "../contracts/observation.ts";
import type { Decision } from "../contracts/score.ts";
import { binIndex } from "./bins.ts";
import { sparse } from "./observation-cells.ts";
import { type ObservationLayout, SCORE_QUANTUM, unitsOf } from "./observation-layout.ts";
import { paneStart, type TimeGrid } from "./panes.ts";
import { protectedGroups } from "./protected-groups.ts";

/** What of a feature decides which values the model uses; a feature of a manifest will do. */
type ObservedFeature =
  | { readonly name: string; readonly type: "numeric"; readonly min: number; readonly max: number }
  | { readonly name: string; readonly type: "categorical" };

/** A decided application, as far as it is counted. Times in milliseconds since 1970. */
export type ObservedDecision = {
  readonly channel: string;
  readonly submittedAt: number;
  readonly receivedAt: number;
  readonly features: Readonly<Record<string, FeatureValue>>;
  readonly protected?: Readonly<Record<string, FeatureValue>> | null | undefined;
  readonly score: number;
  readonly decision: Decision;
};

/** An application that was refused because a feature had a wrong type. */
type ObservedTypeError = {
  readonly channel: string;
  readonly submittedAt: number;
  readonly receivedAt: number;
  readonly feature: string;
};

/** Counts of some applications, per channel and pane. */
export type Observation = {
  decision(decision: ObservedDecision): void;
  typeError(error: ObservedTypeError): void;
  /** The latest event time that counts towards the watermark; undefined when there was none. */
  latest(): number | undefined;
  cells(): ObservationCell[];
};

/** Dated further after its receipt than this, an application has a wrong date. */
const MOST_AHEAD_MS = 5 * 60_000;

/** The instant whose pane an application is counted in: its submission, or its receipt where the date is wrong. */
export function eventTime(submittedAt: number, receivedAt: number): number {
  return submittedAt > receivedAt + MOST_AHEAD_MS ? receivedAt : submittedAt;
}

/**
 * Returns a maker of observations for a model. What is counted follows from the application, its decision and the
 * reference profile alone: counted again from the record it is the same.
 */
export function createObserver(features: readonly ObservedFeature[], layout: ObservationLayout, grid: TimeGrid) {
  const columns = layout.features.map((slots, index) => {
    const feature = features[index]!;
    if (slots.type === "numeric" && feature.type === "numeric") return { ...slots, min: feature.min, max: feature.max };
    if (slots.type === "numeric") throw new Error(`feature ${slots.name} is numeric in the profile alone`);
    return { ...slots, indexOf: new Map(slots.categories.map((name, i) => [name, i])) };
  });
  const typeErrorSlots = new Map(layout.features.map(({ name, typeErrors }) => [name, typeErrors]));
  const groupSlots = new Map(
    layout.groups.map((slots) => [`${slots.attribute}=${slots.group ?? ""}`, slots.decisions]),
  );
  const attributes = new Set(layout.groups.map(({ attribute }) => attribute));

  function count(into: Float64Array, { features: values, score, decision, protected: groups }: ObservedDecision): void {
    into[layout.applications]!++;
    into[layout.decisions[decision]]!++;
    const scoreUnits = unitsOf(score, SCORE_QUANTUM);
    if (layout.score !== undefined) {
      const bin = binIndex(layout.score.edges, score);
      into[layout.score.counts + bin]!++;
      into[layout.score.sums + bin]! += scoreUnits;
    }
    for (const column of columns) {
      const value = Object.hasOwn(values, column.name) ? values[column.name] : undefined;
      let bin: number;
      if (column.type === "numeric") {
        if (typeof value !== "number" || !(value >= column.min && value <= column.max)) {
          into[column.missing]!++;
          if (value !== undefined && value !== null) into[column.outOfRange]!++;
          continue;
        }
        bin = binIndex(column.edges, value);
        into[column.sums + bin]! += unitsOf(value, column.quantum);
      } else {
        const index = column.indexOf.get(value as string);
        if (index === undefined) {
          into[column.missing]!++;
          if (value !== undefined && value !== null) into[column.unseen]!++;
          continue;
        }
        bin = index;
      }
      into[column.counts + bin]!++;
      into[column.scores + bin]! += scoreUnits;
    }
    if (attributes.size === 0) return;
    for (const [attribute, group] of Object.entries(protectedGroups(groups))) {
      if (!attributes.has(attribute)) continue;
      const slots = groupSlots.get(`${attribute}=${group}`) ?? groupSlots.get(`${attribute}=`)!;
      into[slots[decision]]!++;
    }
  }

  return function observation(): Observation {
    const cells = new Map<string, { channel: string; pane: number; counts: Float64Array }>();
    let latest: number | undefined;
    let last: { channel: string; pane: number; counts: Float64Array } | undefined;

    function cellOf(channel: string, pane: number): Float64Array {
      if (last?.pane === pane && last.channel === channel) return last.counts;
      const key = `${pane} ${channel}`;
      last = cells.get(key);
      if (last === undefined) {
        last = { channel, pane, counts: new Float64Array(layout.width) };
        cells.set(key, last);
      }
      return last.counts;
    }

    return {
      decision(decided) {
        const { channel, submittedAt, receivedAt } = decided;
        const instant = eventTime(submittedAt, receivedAt);
        if (instant !== submittedAt) {
          cellOf(channel, paneStart(grid, instant))[layout.datedAhead]!++;
          return;
        }
        if (latest === undefined || submittedAt > latest) latest = submittedAt;
        count(cellOf(channel, paneStart(grid, submittedAt)), decided);
      },
      typeError({ channel, submittedAt, receivedAt, feature }) {
        const slot = typeErrorSlots.get(feature);
        if (slot === undefined) return;
        cellOf(channel, paneStart(grid, eventTime(submittedAt, receivedAt)))[slot]!++;
      },
      latest: () => latest,
      cells: () => [...cells.values()].map(({ channel, pane, counts }) => ({ channel, pane, ...sparse(counts) })),
    };
  };
}
