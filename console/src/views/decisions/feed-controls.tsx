import { count } from "../../format.ts";
import { Icon } from "../../parts/shapes.tsx";
import type { ShownFeed } from "./use-feed.ts";

/** Whether what is listed is of now, and if not, why. */
export function FeedState({ shown: { view, isHeld } }: { readonly shown: ShownFeed }) {
  if (view.isPaused) return <>paused, {count(view.held)} newer</>;
  if (view.stream === "connecting") return <>connecting</>;
  if (view.stream === "away") return <span class="over">disconnected; it goes on where it stopped</span>;
  if (view.stream === "refused") return <span class="over">the stream refuses this token</span>;
  if (isHeld) return <>held still while you are on it</>;
  return (
    <span class="is-live">
      <span class="pulse" aria-hidden="true" /> live
    </span>
  );
}

export function PauseButton({ shown: { feed, view } }: { readonly shown: ShownFeed }) {
  return (
    <button
      type="button"
      class="button"
      disabled={feed === null}
      onClick={() => (view.isPaused ? feed?.resume() : feed?.pause())}
    >
      <Icon name={view.isPaused ? "play" : "pause"} />
      {view.isPaused ? "Resume" : "Pause"}
    </button>
  );
}
