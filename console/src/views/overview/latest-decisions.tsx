import { Panel } from "../../parts/panel.tsx";
import { hrefOf } from "../../routing.ts";
import { DecisionsTable } from "../decisions/decisions-table.tsx";
import { FeedState, PauseButton } from "../decisions/feed-controls.tsx";
import { useFeed } from "../decisions/use-feed.ts";

const SHOWN = 10;
const EVERYTHING = { channel: null, decision: null } as const;

/** The newest decisions as they are made. */
export function LatestDecisions() {
  const shown = useFeed(EVERYTHING);
  return (
    <Panel
      title="Latest decisions"
      note={<FeedState shown={shown} />}
      aside={<PauseButton shown={shown} />}
      class="latest"
    >
      <DecisionsTable
        shown={shown}
        most={SHOWN}
        emptyWords="Publish an application, and it shows here within a moment."
      />
      <p class="more">
        <a href={hrefOf({ view: "decisions", channel: null, decision: null })}>All decisions, with filters</a>
      </p>
    </Panel>
  );
}
