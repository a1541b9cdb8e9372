import { useEffect, useState } from "preact/hooks";
import { BLANK_FEED, type Feed, type FeedFilter, type FeedView, openFeed } from "../../live/feed.ts";
import { currentToken } from "../../session.ts";
import { createStore } from "../../store.ts";
import { useStore } from "../../use-store.ts";

export type ShownFeed = {
  /** Null for the moment before it is opened. */
  readonly feed: Feed | null;
  readonly view: FeedView;
  /** Rows stand still under a pointer or the keyboard's focus, so that what is meant is what is hit. */
  readonly isHeld: boolean;
  readonly hold: (isHeld: boolean) => void;
};

const UNOPENED = createStore(BLANK_FEED);

/** A feed of one's own for as long as the component is there; another filter is another feed. */
export function useFeed({ channel, decision }: FeedFilter): ShownFeed {
  const [feed, setFeed] = useState<Feed | null>(null);
  const [held, setHeld] = useState<FeedView | null>(null);
  useEffect(() => {
    const opened = openFeed(currentToken() ?? "", { channel, decision });
    setFeed(opened);
    setHeld(null);
    return () => opened.stop();
  }, [channel, decision]);
  const view = useStore(feed?.view ?? UNOPENED);
  return {
    feed,
    view: held === null || view.isPaused ? view : { ...view, rows: held.rows },
    isHeld: held !== null && !view.isPaused,
    hold: (isHeld) => setHeld(isHeld && view.rows.length > 0 ? view : null),
  };
}
