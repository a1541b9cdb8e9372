import { type FollowState, followScores } from "../../../client/scores.ts";
import type { Decision, ScoreEvent } from "../../../src/contracts/score.ts";
import { gatewayUrl, RequestFault } from "../api/request.ts";
import { readScores } from "../api/routes.ts";
import { createStore, type Store } from "../store.ts";

/** Null lets all pass. */
export type FeedFilter = { readonly channel: string | null; readonly decision: Decision | null };

export type FeedView = {
  /** Newest first. */
  readonly rows: readonly ScoreEvent[];
  readonly stream: "connecting" | Exclude<FollowState["kind"], "gap">;
  readonly isPaused: boolean;
  /** Newer ones that wait while it is paused. */
  readonly held: number;
  /** Some in between are no longer kept by the broker; they are in the list of stored ones. */
  readonly hasGap: boolean;
  /** Whether there are older ones than those listed. */
  readonly history: "loading" | "ready" | "end";
  readonly fault: RequestFault | null;
};

export type Feed = {
  readonly view: Store<FeedView>;
  pause(): void;
  resume(): void;
  /** Loads those before the oldest shown, and pauses: who looks back isn't to be carried off. */
  older(): Promise<void>;
  stop(): void;
};

/** More rows than anybody scrolls through while they move; older ones are asked for. */
const MOST_LIVE = 300;
const PAGE = 50;
const BIG_PAGE = 500;
/** Of a filter that little fits a page may be empty and have one after it. */
const MOST_PAGES = 8;
/** However many come in a second, the page is drawn this often. */
const DRAW_EVERY_MS = 250;

export const BLANK_FEED: FeedView = {
  rows: [],
  stream: "connecting",
  isPaused: false,
  held: 0,
  hasGap: false,
  history: "loading",
  fault: null,
};

/** Decisions as they are made, begun with the latest stored ones. None is missed while the connection comes and goes. */
export function openFeed(token: string, filter: FeedFilter): Feed {
  const view = createStore<FeedView>(BLANK_FEED);
  const stopping = new AbortController();
  /** Come since the last drawing, oldest first. */
  let fresh: ScoreEvent[] = [];
  let held = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const change = (part: Partial<FeedView>) => view.set({ ...view.get(), ...part });

  function draw(): void {
    timer = undefined;
    if (view.get().isPaused) {
      fresh = fresh.slice(-MOST_LIVE);
      change({ held });
      return;
    }
    const newest = fresh.reverse();
    fresh = [];
    const rows = merged(newest, view.get().rows);
    isCut ||= rows.length > MOST_LIVE;
    change({ rows: rows.slice(0, MOST_LIVE), held: 0, ...(isCut && { history: "ready" }) });
  }

  const following = followScores({
    gateway: gatewayUrl(".").href,
    token: () => token,
    channels: filter.channel === null ? [] : [filter.channel],
    decisions: filter.decision === null ? [] : [filter.decision],
    onScore(score) {
      fresh.push(score);
      if (view.get().isPaused) held++;
      timer ??= setTimeout(draw, DRAW_EVERY_MS);
    },
    onState: noteState,
  });

  function noteState(state: FollowState): void {
    if (state.kind === "gap") {
      change({ hasGap: true });
      return;
    }
    const wasAway = view.get().stream === "away";
    change({ stream: state.kind });
    // Before its first score it can't go on where it was; what was decided meanwhile is among the stored ones.
    if (state.kind === "open" && wasAway && following.lastSequence() === undefined) void refresh();
  }

  /** Where the page after the last one read begins; null at the end. */
  let cursor: string | null | undefined;
  /** What was listed last has been pushed out by newer ones, so the next page isn't what comes after the list. */
  let isCut = false;

  /** The next page of stored decisions; after a cut, pages from the newest on until one reaches beyond the list. */
  async function read(): Promise<void> {
    change({ history: "loading", fault: null });
    try {
      if (isCut) cursor = undefined;
      const oldest = view.get().rows.at(-1)?.sequence ?? Number.POSITIVE_INFINITY;
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const limit = isCut ? BIG_PAGE : PAGE;
        const page = await readScores({ ...filter, limit, before: cursor }, stopping.signal);
        cursor = page.next;
        change({ rows: merged(view.get().rows, page.items) });
        const reached = page.items.at(-1)?.sequence ?? Number.POSITIVE_INFINITY;
        if (cursor === null || (page.items.length > 0 && (!isCut || reached < oldest))) break;
      }
      isCut = false;
      change({ history: cursor === null ? "end" : "ready" });
    } catch (error) {
      if (stopping.signal.aborted) return;
      const fault = error instanceof RequestFault ? error : new RequestFault(0, "Something went wrong", String(error));
      change({ history: "ready", fault });
    }
  }
  /** The list begins anew with the newest stored ones. */
  async function refresh(): Promise<void> {
    isCut = view.get().rows.length > 0;
    await read();
  }
  void read();

  return {
    view,
    pause() {
      held = fresh.length;
      change({ isPaused: true, held });
    },
    resume() {
      change({ isPaused: false });
      draw();
    },
    async older() {
      if (!view.get().isPaused) this.pause();
      await read();
    },
    stop() {
      stopping.abort();
      clearTimeout(timer);
      following.stop();
    },
  };
}

/** The first, then of the second what isn't among them. Both newest first. */
function merged(first: readonly ScoreEvent[], second: readonly ScoreEvent[]): ScoreEvent[] {
  const known = new Set(first.map(({ application_id }) => application_id));
  return [...first, ...second.filter(({ application_id }) => !known.has(application_id))];
}
