/**
 * Observations: what scorers count of the applications they decide, per model, channel and pane of event time, published
 * on `observations.<model>`. Counts merge by addition. No personal data is in them.
 */

/** Counts of one channel in one pane, sparse: `values[i]` belongs to slot `slots[i]` of the model's layout. */
export type ObservationCell = {
  readonly channel: string;
  /** Start of the pane, in milliseconds since 1970. */
  readonly pane: number;
  /** Ascending. */
  readonly slots: readonly number[];
  /** Whole numbers. */
  readonly values: readonly number[];
};

/** The latest event time that each scorer had seen, and when it said so; milliseconds since 1970. */
export type Observers = Readonly<Record<string, { readonly latest: number; readonly at: number }>>;

export type ObservationEvent = {
  /** Under which the message is published; one that was counted is not counted again. */
  readonly id: string;
  readonly model: { readonly name: string; readonly version: string; readonly bundle_sha256: string };
  readonly pane_ms: number;
  readonly observers: Observers;
  readonly cells: readonly ObservationCell[];
};
