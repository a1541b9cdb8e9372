import { type Following, type FollowState, followScores } from "../../../client/scores.ts";
import type { Decision, ScoreEvent } from "../../../src/contracts/score.ts";
import { gatewayUrl, RequestFault } from "../api/request.ts";
import { readStatus } from "../api/routes.ts";
import type { Status } from "../api/shapes.ts";
import { createStore, type Store } from "../store.ts";
import { storedDecisions } from "./stored-decisions.ts";

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
/** However many come in a second, the page is drawn this often. */
const DRAW_EVERY_MS = 250;
/** About as soon as a status without an answer says that the gateway is away. */
const SILENT_AFTER_S = 9;
const TRY_AGAIN_MS = 2_000;

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
  const { signal } = stopping;
  const stored = storedDecisions(filter, signal);
  /** Come since the last drawing, oldest first. */
  let fresh: ScoreEvent[] = [];
  let held = 0;
  /** Newer ones have pushed the oldest out of the list. */
  let isCut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let following: Following | undefined;
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
    if (rows.length > MOST_LIVE) isCut = true;
    change({ rows: rows.slice(0, MOST_LIVE), held: 0, ...(isCut && { history: "ready" }) });
  }

  /** All up to the status's sequence are stored, and the stream begins with the next one: nothing falls in between. */
  async function begin(): Promise<void> {
    const status = await untilAnswered(signal, () => change({ stream: "away" }));
    if (status === undefined) return;
    following = followScores({
      gateway: gatewayUrl(".").href,
      token: () => token,
      channels: filter.channel === null ? [] : [filter.channel],
      decisions: filter.decision === null ? [] : [filter.decision],
      from: status.last_sequence + 1,
      silentAfterS: SILENT_AFTER_S,
      onScore(score) {
        fresh.push(score);
        if (view.get().isPaused) held++;
        timer ??= setTimeout(draw, DRAW_EVERY_MS);
      },
      onState: ({ kind }) => change(kind === "gap" ? { hasGap: true } : { stream: kind }),
    });
    await readStored();
  }

  async function readStored(): Promise<void> {
    change({ history: "loading", fault: null });
    try {
      const items = await stored.next(isCut ? (view.get().rows.at(-1)?.sequence ?? null) : null);
      isCut = false;
      change({ rows: merged(view.get().rows, items), history: stored.isAtEnd() ? "end" : "ready" });
    } catch (error) {
      if (signal.aborted) return;
      const fault = error instanceof RequestFault ? error : new RequestFault(0, "Something went wrong", String(error));
      change({ history: "ready", fault });
    }
  }

  function pause(): void {
    held = fresh.length;
    change({ isPaused: true, held });
  }

  void begin();
  return {
    view,
    pause,
    resume() {
      change({ isPaused: false });
      draw();
    },
    async older() {
      if (!view.get().isPaused) pause();
      await readStored();
    },
    stop() {
      stopping.abort();
      clearTimeout(timer);
      following?.stop();
    },
  };
}

/** Asks for the status until there is one; undefined when nobody wants it any more, or may have it. */
async function untilAnswered(signal: AbortSignal, onFault: () => void): Promise<Status | undefined> {
  while (!signal.aborted) {
    try {
      return await readStatus(signal);
    } catch (error) {
      if (signal.aborted || (error instanceof RequestFault && (error.status === 401 || error.status === 403))) break;
      onFault();
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
  return undefined;
}

/** The first, then of the second what isn't among them. Both newest first. */
function merged(first: readonly ScoreEvent[], second: readonly ScoreEvent[]): ScoreEvent[] {
  const known = new Set(first.map(({ application_id }) => application_id));
  return [...first, ...second.filter(({ application_id }) => !known.has(application_id))];
}
