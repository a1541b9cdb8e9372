import type { ScoreEvent } from "../../../src/contracts/score.ts";
import { readScores } from "../api/routes.ts";

const PAGE = 50;
const BIG_PAGE = 500;
/** Of a filter that little fits a page may be empty and have one after it. */
const MOST_PAGES = 8;

type Filter = { readonly channel: string | null; readonly decision: string | null };

export type StoredDecisions = {
  /**
   * The next page, newest first. @param beyond when the list's end was cut off, the sequence of the last one left of it: the
   * pages begin anew and go on until one reaches beyond.
   */
  next(beyond: number | null): Promise<readonly ScoreEvent[]>;
  isAtEnd(): boolean;
};

/** Reads decisions that are stored, from the newest back, page by page. */
export function storedDecisions(filter: Filter, signal: AbortSignal): StoredDecisions {
  /** Undefined before the first page, null after the last. */
  let cursor: string | null | undefined;
  return {
    isAtEnd: () => cursor === null,
    async next(beyond) {
      if (beyond !== null) cursor = undefined;
      const found: ScoreEvent[] = [];
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const limit = beyond === null ? PAGE : BIG_PAGE;
        const page = await readScores({ ...filter, limit, before: cursor }, signal);
        cursor = page.next;
        found.push(...page.items);
        const reached = found.at(-1)?.sequence;
        const isEnough = reached !== undefined && (beyond === null || reached < beyond);
        if (cursor === null || isEnough) break;
      }
      return found;
    },
  };
}
