import type { ReportedAlert } from "../contracts/alert-report.ts";
import type { AlertmanagerView } from "./alertmanager.ts";

/** An episode of ours that fires; times in milliseconds since 1970. */
export type FiringEpisode = { readonly id: string; readonly fingerprint: string; readonly startsAt: number };

/** Differences that were seen before, by what they are of: in how many rounds in a row, and when first. */
export type Seen = ReadonlyMap<string, { readonly rounds: number; readonly since: number }>;
export const NOTHING_SEEN: Seen = new Map();

export type Differences = {
  /** Fire at Alertmanager and not with us. */
  readonly missing: readonly ReportedAlert[];
  /** Fire with us and are unknown to Alertmanager. */
  readonly gone: readonly { readonly id: string; readonly since: number }[];
  readonly seen: Seen;
};

/** A notification may be on its way, or wait for others of its group. */
const MISSING_ROUNDS = 4;
/** An Alertmanager that was started again hears of what fires within a minute; until then it knows nothing. */
const GONE_ROUNDS = 12;

/**
 * Compares what fires with us with what fires at Alertmanager, and says what has differed for long enough to be set right.
 * Pure.
 */
export function differencesOf(
  firing: readonly FiringEpisode[],
  view: AlertmanagerView,
  seen: Seen,
  { now, everyMs }: { readonly now: number; readonly everyMs: number },
): Differences {
  const next = new Map<string, { rounds: number; since: number }>();
  const lasted = (key: string, rounds: number) => {
    const before = seen.get(key) ?? { rounds: 0, since: now };
    next.set(key, { ...before, rounds: before.rounds + 1 });
    return before.rounds + 1 >= rounds;
  };
  const newest = new Map(firing.map(({ fingerprint, startsAt }) => [fingerprint, startsAt]));
  const missing = view.active.filter(
    ({ fingerprint, startsAt }) =>
      (newest.get(fingerprint) ?? -1) < startsAt && lasted(`missing ${fingerprint}`, MISSING_ROUNDS),
  );
  // One that was started meanwhile says nothing by its silence.
  const isSettled = view.upMs >= GONE_ROUNDS * everyMs;
  const gone = firing
    .filter(
      ({ id, fingerprint }) => isSettled && !view.fingerprints.has(fingerprint) && lasted(`gone ${id}`, GONE_ROUNDS),
    )
    .map(({ id }) => ({ id, since: next.get(`gone ${id}`)!.since }));
  return { missing, gone, seen: next };
}
