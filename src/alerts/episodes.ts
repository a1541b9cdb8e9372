import type { ReportedAlert } from "../contracts/alert-report.ts";

/** What is known of an alert's episode; times in milliseconds since 1970. */
export type Episode = {
  readonly startsAt: number;
  /** Undefined while it fires. */
  readonly endsAt: number | undefined;
};

export type EpisodeChange =
  /** Began, and with `endsAt` is over already. */
  | { readonly kind: "open"; readonly startsAt: number; readonly endsAt: number | undefined }
  | { readonly kind: "resolve"; readonly startsAt: number; readonly endsAt: number }
  /** Was over, and earlier than it seemed; that is no transition. */
  | { readonly kind: "correct"; readonly startsAt: number; readonly endsAt: number }
  /** Still fires; its annotations may have new figures. */
  | { readonly kind: "refresh"; readonly startsAt: number };

/**
 * What a report changes of an alert's episodes, in the order in which it is to be told. Reports may be repeated, late, and
 * in any order: of an episode that is over nothing comes that fires, and an alert fires once at a time.
 *
 * @param known the episodes of the alert that fire, and those that started when the reported one did or later.
 * @param isCertain the alert fires at this moment, for certain: Alertmanager was asked. Then an episode that seemed to be
 *   over began again; a notification may just be late.
 */
export function changesOf(known: readonly Episode[], report: ReportedAlert, isCertain: boolean): EpisodeChange[] {
  return report.endsAt === undefined
    ? changesOfFiring(known, report.startsAt, isCertain)
    : changesOfResolved(known, report.startsAt, report.endsAt);
}

function changesOfFiring(known: readonly Episode[], startsAt: number, isCertain: boolean): EpisodeChange[] {
  const own = known.find((episode) => episode.startsAt === startsAt);
  if (own !== undefined && own.endsAt === undefined) return [{ kind: "refresh", startsAt }];
  const since = known.filter((episode) => episode.startsAt >= startsAt);
  if (since.length === 0) {
    return [...resolveFiring(known, startsAt, startsAt), { kind: "open", startsAt, endsAt: undefined }];
  }
  if (isCertain) {
    const ends = since.map(({ endsAt = Number.POSITIVE_INFINITY }) => endsAt);
    const lastEnd = Math.max(...ends);
    return Number.isFinite(lastEnd) ? [{ kind: "open", startsAt: lastEnd + 1, endsAt: undefined }] : [];
  }
  if (own !== undefined) return [];
  // It was over by the time the next one began.
  return [{ kind: "open", startsAt, endsAt: Math.min(...since.map((next) => next.startsAt)) }];
}

function changesOfResolved(known: readonly Episode[], startsAt: number, endsAt: number): EpisodeChange[] {
  const own = known.find((episode) => episode.startsAt === startsAt);
  // Also an episode that Alertmanager has since moved to an earlier start, or that began again.
  const resolved = resolveFiring(known, endsAt, endsAt);
  if (own === undefined) return [{ kind: "open", startsAt, endsAt }, ...resolved];
  const seemed = own.endsAt ?? endsAt;
  return seemed > endsAt ? [{ kind: "correct", startsAt, endsAt }, ...resolved] : resolved;
}

/** Ends what fires and started at `until` or before. */
function resolveFiring(known: readonly Episode[], until: number, endsAt: number): EpisodeChange[] {
  return known
    .filter((episode) => episode.endsAt === undefined && episode.startsAt <= until)
    .map(({ startsAt }) => ({ kind: "resolve", startsAt, endsAt }));
}
